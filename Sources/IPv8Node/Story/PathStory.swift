import IPv8Traversal
import IPv8Wire
import P2TP

/// What is known of why the path to one peer is what it is.
public struct PathStory: Sendable, Equatable {
  public var state: PeerState
  /// Nil without a session.
  public var path: PathKind?
  /// Nothing that we send is answered.
  public var isLost: Bool
  /// What either end is behind, as far as known.
  public var ownNAT: NATSummary
  public var peerNAT: NATSummary
  /// Whether this network lets no UDP through, as far as a check could tell.
  public var isOwnUDPBlocked: Bool
  /// Whether an address is known to call at, and a peer that could be asked.
  public var hasAddresses: Bool
  public var hasIntroducers: Bool
  public var journal: PathJournal
  /// When it is told.
  public var now: Moment

  public init(
    state: PeerState, path: PathKind? = nil, isLost: Bool = false,
    ownNAT: NATSummary = NATSummary(), peerNAT: NATSummary = NATSummary(),
    isOwnUDPBlocked: Bool = false, hasAddresses: Bool = false, hasIntroducers: Bool = false,
    journal: PathJournal = PathJournal(), now: Moment
  ) {
    self.state = state
    self.path = path
    self.isLost = isLost
    self.ownNAT = ownNAT
    self.peerNAT = peerNAT
    self.isOwnUDPBlocked = isOwnUDPBlocked
    self.hasAddresses = hasAddresses
    self.hasIntroducers = hasIntroducers
    self.journal = journal
    self.now = now
  }
}

extension Node {
  /// Why the path to a contact is what it is; nil for none of ours.
  public func story(of index: PeerIndex, at now: Moment) -> PathStory? {
    guard let peer = peers[index] else { return nil }
    return PathStory(
      state: state(of: index), path: peer.reach.path.map { kind(of: $0) },
      isLost: peer.reach.isLost,
      ownNAT: ownNAT, peerNAT: peer.reach.nat,
      isOwnUDPBlocked: !network.reports.isEmpty
        && network.reports.allSatisfy { $0.kind == .blocked },
      hasAddresses: !peer.candidates.isEmpty,
      hasIntroducers: introducer(to: index, besides: []) != nil, journal: peer.reach.journal,
      now: now)
  }
}
