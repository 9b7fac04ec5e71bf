import IPv8Wire
import P2TP

/// What a receiver wants done after a batch; reused from batch to batch, so that it stops allocating.
public struct ReceiveOutput: Sendable {
  /// A datagram that the receiver has no session for: the node's.
  public struct Unclaimed: Sendable, Equatable {
    public let range: PacketRange
    public let source: Endpoint
    public let ecn: UInt8
  }

  /// A relayed datagram that goes on, prefix and all, under another tag.
  public struct Onward: Sendable, Equatable {
    public let range: PacketRange
    public let tag: RelayTag
    public let destination: Endpoint
    /// The outer ECN bits that it came with.
    public let ecn: UInt8
  }

  /// A control frame of a peer: the node's.
  public struct Message: Sendable, Equatable {
    public let peer: PeerIndex
    public let frame: ControlFrame
    public let source: Endpoint
  }

  /// IP packets for the TUN, in the arena, each behind its offload header.
  public var packets: [PacketRange] = []
  public var unclaimed: [Unclaimed] = []
  public var events: [ReceiveEvent] = []
  public var onward: [Onward] = []
  public var messages: [Message] = []

  public init() {}

  /// Empties all lists but keeps their memory.
  public mutating func removeAll() {
    packets.removeAll(keepingCapacity: true)
    unclaimed.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    onward.removeAll(keepingCapacity: true)
    messages.removeAll(keepingCapacity: true)
  }
}

/// What a record asks of the transmitter.
public enum ReceiveEvent: Sendable, Equatable {
  /// The peer's first record decrypted.
  case confirmed(SessionID)
  /// The peer wants an answer, sent to where its record came from.
  case challenged(SessionID, token: UInt64, from: Endpoint)
  /// The answer to a challenge of ours, and where the peer sees us.
  case answered(SessionID, token: UInt64, observed: Endpoint, from: Endpoint, at: Timestamp)
  /// The session is over: the peer closed it, or it may open nothing more.
  case over(SessionID, closedByPeer: Bool)
}
