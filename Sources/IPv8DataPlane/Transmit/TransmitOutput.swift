import IPv8Wire
import P2TP

/// What a transmitter wants done after a batch; reused from batch to batch, so that it stops allocating.
public struct TransmitOutput: Sendable {
  /// A record that the transmitter made itself.
  public struct ControlRecord: Sendable, Equatable {
    public let bytes: [UInt8]
    public let destination: Endpoint

    public init(bytes: [UInt8], destination: Endpoint) {
      self.bytes = bytes
      self.destination = destination
    }
  }

  /// Records sealed in the arena, in order.
  public var datagrams: [OutgoingDatagram] = []
  public var records: [ControlRecord] = []
  /// IP packets that the transmitter made itself, for the TUN.
  public var replies: [[UInt8]] = []
  public var events: [TransmitEvent] = []

  public init() {}

  /// Empties the lists of what is to be sent but keeps their memory.
  public mutating func removeSent() {
    datagrams.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    replies.removeAll(keepingCapacity: true)
  }
}

/// What a transmitter tells the node.
public enum TransmitEvent: Sendable, Equatable {
  /// A packet waits for a session.
  case wanted(PeerIndex)
  /// The session wants fresh keys, or fell silent.
  case rekeyDue(PeerIndex)
  /// The session is gone: it expired, or the peer closed it.
  case ended(PeerIndex, SessionID, closedByPeer: Bool)
  /// Datagrams to the peer go to another endpoint from now on, a proven one.
  case moved(PeerIndex, Endpoint)
  /// The session's datagrams take another path since then; its receiver is to know.
  case pathChanged(SessionID, at: Timestamp)
  /// The peer answered a probe there, in this time.
  case proved(PeerIndex, Endpoint, roundTrip: Interval)
  /// Nothing is heard from the peer, whichever way it is asked.
  case lost(PeerIndex)
  /// This lane hears nothing of a peer that it sends to; the first one looks for it.
  case unheard(PeerIndex)
  /// The peer sees us at this endpoint.
  case observed(PeerIndex, Endpoint)
  /// Packets wait for who has this address to be known.
  case unknown(OverlayAddress)
  /// The answer to ``Transmitter/challenge(_:at:into:)``.
  case pong(PeerIndex, token: UInt64, roundTrip: Interval, from: Endpoint)
}
