/// What a lane dropped or marked, and why; monotonic.
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
  /// Packets that waited for a session or a way in vain.
  public var queue: UInt64 = 0
  /// Packets that waited for the rate too long, by CoDel's rule; and those beyond what may wait.
  public var delay: UInt64 = 0
  public var overflow: UInt64 = 0
  /// Packets that say so (CE) instead of being dropped for the delay.
  public var marked: UInt64 = 0
  /// Packets that cannot be cut or do not fit the batch's memory.
  public var oversized: UInt64 = 0
  /// Packets that the way to the peer does not take, refused with an error that says so.
  public var tooBig: UInt64 = 0
  /// Packets sent in fragments.
  public var fragmented: UInt64 = 0
  /// Packets of which fragments were lost.
  public var fragments: UInt64 = 0
  /// Packets that the peer's ``PacketFilter`` keeps out.
  public var filtered: UInt64 = 0
  /// Packets of strangers.
  public var stranger: UInt64 = 0
  /// Control frames of a peer, or of strangers, that sent too many.
  public var control: UInt64 = 0
  /// Datagrams passed on for others, and their bytes.
  public var relayed: UInt64 = 0
  public var relayedBytes: UInt64 = 0
  /// Datagrams that no pair of ours has, and those faster than their pair may be.
  public var unknownRelay: UInt64 = 0
  public var relayRate: UInt64 = 0

  public init() {}

  /// The names that `status` shows.
  public var named: [(name: String, value: UInt64)] {
    [
      ("dropped.malformed", malformed), ("dropped.replay", replayed),
      ("dropped.authentication", forged), ("dropped.expired", expired),
      ("dropped.misaddressed", misaddressed), ("dropped.unroutable", unroutable),
      ("dropped.unknownPeer", unknownPeer), ("dropped.queue", queue), ("dropped.delay", delay),
      ("dropped.overflow", overflow), ("marked.ce", marked), ("dropped.oversized", oversized),
      ("dropped.tooBig", tooBig), ("sent.fragmented", fragmented),
      ("dropped.fragments", fragments), ("dropped.filtered", filtered),
      ("dropped.stranger", stranger), ("dropped.control", control),
      ("relayed.datagrams", relayed), ("relayed.bytes", relayedBytes),
      ("dropped.unknownRelay", unknownRelay), ("dropped.relayRate", relayRate),
    ]
  }
}
