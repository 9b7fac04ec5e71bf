import IPv8Wire
import P2TP

/// What a lane wants done after a batch; reused from batch to batch, so that it stops allocating.
public struct LaneOutput: Sendable {
  /// A datagram that the lane has no session for: the node's.
  public struct Unclaimed: Sendable, Equatable {
    public let range: PacketRange
    public let source: Endpoint
    public let ecn: UInt8
  }

  /// A record that the lane made itself.
  public struct ControlRecord: Sendable, Equatable {
    public let bytes: [UInt8]
    public let destination: Endpoint
  }

  /// Records sealed in the arena, in order.
  public var datagrams: [OutgoingDatagram] = []
  /// IP packets for the TUN, in the arena, each behind its offload header.
  public var packets: [PacketRange] = []
  public var unclaimed: [Unclaimed] = []
  public var records: [ControlRecord] = []
  /// IP packets that the lane made itself, for the TUN.
  public var replies: [[UInt8]] = []
  public var events: [LaneEvent] = []

  public init() {}

  /// Empties all lists but keeps their memory.
  public mutating func removeAll() {
    datagrams.removeAll(keepingCapacity: true)
    packets.removeAll(keepingCapacity: true)
    unclaimed.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    replies.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
  }
}

/// What a lane tells the node.
public enum LaneEvent: Sendable, Equatable {
  /// A packet waits for a session.
  case wanted(PeerIndex)
  /// The peer's first record decrypted.
  case confirmed(PeerIndex, SessionID)
  /// The session wants fresh keys, or fell silent.
  case rekeyDue(PeerIndex)
  /// The session is gone: it expired, or the peer closed it.
  case ended(PeerIndex, SessionID, closedByPeer: Bool)
  /// The peer proved to be at a new endpoint.
  case moved(PeerIndex, Endpoint)
  /// The peer sees us at this endpoint.
  case observed(PeerIndex, Endpoint)
  /// The answer to ``Lane/challenge(_:token:at:into:)``.
  case pong(PeerIndex, token: UInt64, roundTrip: Interval, from: Endpoint)
}

/// What a lane dropped, and why; monotonic.
public struct LaneCounters: Sendable, Equatable {
  public var malformed: UInt64 = 0
  public var replayed: UInt64 = 0
  public var forged: UInt64 = 0
  public var expired: UInt64 = 0
  /// An inner packet whose source or destination is not the session's.
  public var misaddressed: UInt64 = 0
  /// A local packet from an address that is not ours, or to one that cannot be a peer's.
  public var unroutable: UInt64 = 0
  /// A local packet to an overlay address of nobody we know.
  public var unknownPeer: UInt64 = 0
  /// Packets that waited for a session in vain.
  public var queue: UInt64 = 0
  public var rate: UInt64 = 0
  /// Packets that cannot be cut or do not fit the batch's memory.
  public var oversized: UInt64 = 0
  public var stun: UInt64 = 0

  public init() {}

  /// The names that `status` shows.
  public var named: [(name: String, value: UInt64)] {
    [
      ("dropped.malformed", malformed), ("dropped.replay", replayed),
      ("dropped.authentication", forged), ("dropped.expired", expired),
      ("dropped.misaddressed", misaddressed), ("dropped.unroutable", unroutable),
      ("dropped.unknownPeer", unknownPeer), ("dropped.queue", queue), ("dropped.rate", rate),
      ("dropped.oversized", oversized),
      ("dropped.stun", stun),
    ]
  }
}
