import IPv8DataPlane
import IPv8Wire

/// What both halves of a ``Lane`` want done; see ``TransmitOutput`` and ``ReceiveOutput``.
public struct LaneOutput: Sendable {
  public var datagrams: [OutgoingDatagram] = []
  public var packets: [PacketRange] = []
  public var unclaimed: [ReceiveOutput.Unclaimed] = []
  public var records: [TransmitOutput.ControlRecord] = []
  public var replies: [[UInt8]] = []
  /// What the transmitter tells the node.
  public var events: [TransmitEvent] = []
  /// What records asked of the transmitter, which it has done by now.
  public var requests: [ReceiveEvent] = []
  public var onward: [ReceiveOutput.Onward] = []
  public var messages: [ReceiveOutput.Message] = []

  public init() {}

  /// Empties all lists but keeps their memory.
  public mutating func removeAll() {
    datagrams.removeAll(keepingCapacity: true)
    packets.removeAll(keepingCapacity: true)
    unclaimed.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    replies.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    requests.removeAll(keepingCapacity: true)
    onward.removeAll(keepingCapacity: true)
    messages.removeAll(keepingCapacity: true)
  }

  /// Nothing is left to be done.
  var isEmpty: Bool {
    datagrams.isEmpty && packets.isEmpty && unclaimed.isEmpty && records.isEmpty && replies.isEmpty
      && events.isEmpty && onward.isEmpty && messages.isEmpty
  }

  mutating func append(_ more: TransmitOutput) {
    datagrams += more.datagrams
    records += more.records
    replies += more.replies
    events += more.events
  }

  mutating func append(_ more: ReceiveOutput) {
    packets += more.packets
    unclaimed += more.unclaimed
    requests += more.events
    onward += more.onward
    messages += more.messages
  }
}

extension LaneCounters {
  /// What both halves dropped.
  public static func + (one: LaneCounters, two: LaneCounters) -> LaneCounters {
    var sum = one
    sum.malformed += two.malformed
    sum.replayed += two.replayed
    sum.forged += two.forged
    sum.expired += two.expired
    sum.misaddressed += two.misaddressed
    sum.unroutable += two.unroutable
    sum.unknownPeer += two.unknownPeer
    sum.queue += two.queue
    sum.delay += two.delay
    sum.overflow += two.overflow
    sum.marked += two.marked
    sum.oversized += two.oversized
    sum.filtered += two.filtered
    sum.stranger += two.stranger
    sum.control += two.control
    sum.relayed += two.relayed
    sum.relayedBytes += two.relayedBytes
    sum.unknownRelay += two.unknownRelay
    sum.relayRate += two.relayRate
    return sum
  }
}
