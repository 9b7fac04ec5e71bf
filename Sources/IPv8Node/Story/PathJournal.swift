import IPv8Traversal
import IPv8Wire

/// By what a session's datagrams travel.
public enum PathKind: Sendable, Hashable {
  /// To an endpoint of the peer's, by UDP.
  case direct(Endpoint)
  /// By way of that peer.
  case relay(PermID)
  /// In a stream connection.
  case stream
}

/// What happened on the way to one peer.
public enum PathEvent: Sendable, Hashable {
  /// We called at so many addresses.
  case called(addresses: Int)
  /// We asked a peer to introduce us.
  case asked(PermID)
  case refused(by: PermID, IntroductionRefused.Reason)
  case silent(PermID)
  case introduced(by: PermID, isRelaying: Bool)
  case punching(PunchMethod, addresses: Int)
  case punchFailed(PunchMethod)
  /// A stream was dialled.
  case dialled
  /// Traffic takes this path from now on.
  case path(PathKind)
  /// Nothing that we send is answered.
  case lost
  case relayEnded(PermID)
  case ownNetworkChanged
  case peerNetworkChanged
  /// The call found nobody.
  case gaveUp
  case closed
}

/// The newest events on the way to one peer; repeated ones count once.
public struct PathJournal: Sendable, Equatable {
  public struct Entry: Sendable, Equatable {
    public let event: PathEvent
    /// When it happened last.
    public internal(set) var at: Moment
  }

  public static let limit = 48

  /// The oldest first.
  public private(set) var entries: [Entry] = []

  public init() {}

  public mutating func note(_ event: PathEvent, at now: Moment) {
    // A call that is repeated for hours would leave nothing else.
    if let place = entries.indices.suffix(4).last(where: { entries[$0].event == event }) {
      entries.remove(at: place)
    }
    if entries.count == Self.limit { entries.removeFirst() }
    entries.append(Entry(event: event, at: now))
  }

  public func last(_ isWanted: (PathEvent) -> Bool) -> Entry? {
    entries.last { isWanted($0.event) }
  }
}
