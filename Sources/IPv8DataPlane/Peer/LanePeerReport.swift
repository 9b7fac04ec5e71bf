import IPv8Wire
import P2TP

/// Bytes of the longest IP packets that the current way to a peer is taken to take: inside the tunnel, where
/// longer ones are fragmented or refused, and of the datagrams that carry them.
public struct LanePathMTU: Sendable, Equatable {
  public let inner: Int
  public let outer: Int
  /// Whether the search is over.
  public let isSettled: Bool
}

/// Packets that wait for leave to be sent.
public struct LaneQueueReport: Sendable, Equatable {
  public internal(set) var packets = 0
  public internal(set) var bytes = 0
  /// How long the packet that left last had waited; nil where none has for a while.
  public internal(set) var delay: Interval?

  public init() {}

  mutating func add(_ other: LaneQueueReport) {
    packets += other.packets
    bytes += other.bytes
    delay = [delay, other.delay].compactMap { $0 }.max()
  }
}

/// What is told of a peer's data path.
public struct LanePeerReport: Sendable {
  /// Another way that the peer answered by.
  public struct Way: Sendable, Equatable {
    public let endpoint: Endpoint
    /// What its last answer took; nil where that was not measured.
    public let roundTrip: Interval?
    public let provenAt: Timestamp
  }

  public var isOpen = false
  public var endpoint: Endpoint?
  public var suite: String?
  public var pathMTU: LanePathMTU?
  /// By the current way, of this session.
  public var roundTrip: RoundTrip?
  /// Of this session's records sent towards us.
  public var lossRatio: Double?
  public var toPeer = LaneTrafficReport()
  public var fromPeer = LaneTrafficReport()
  public var lastHeard: Timestamp?
  /// What this session's rate control knows.
  public var rate: RateReport?
  /// What waits here for leave to be sent, in all lanes.
  public var queue = LaneQueueReport()
  /// The latest proven first.
  public var otherWays: [Way] = []

  public init() {}

  /// Adds what another lane reports of the same peer: traffic and the last sign of life; the rest is
  /// the first lane's word.
  public mutating func add(_ other: LanePeerReport) {
    var sum = isOpen ? self : other
    (sum.toPeer, sum.fromPeer, sum.queue) = (toPeer, fromPeer, queue)
    sum.queue.add(other.queue)
    sum.toPeer.add(other.toPeer)
    sum.fromPeer.add(other.fromPeer)
    sum.lastHeard = [lastHeard, other.lastHeard].compactMap { $0 }.max()
    self = sum
  }
}
