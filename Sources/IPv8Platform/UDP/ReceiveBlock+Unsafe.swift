import CIPv8Linux
import IPv8Wire

/// The messages of one `recvmmsg`, in memory allocated once.
@safe
struct ReceiveBlock: ~Copyable, @unchecked Sendable {
  static let messageLimit = Int(CIPV8_BATCH)

  private let messages: UnsafeMutablePointer<cipv8_inbound>

  init() {
    unsafe messages = .allocate(capacity: Self.messageLimit)
    unsafe messages.initialize(repeating: cipv8_inbound(), count: Self.messageLimit)
  }

  deinit { unsafe messages.deallocate() }

  /// Receives into `count` slots of `slab` from slot 0 on; how many messages came, or -errno.
  func receive(
    _ count: Int, into slab: inout PacketSlab, from socket: borrowing FileDescriptor
  ) -> Int32 {
    precondition(count <= Self.messageLimit, "no more messages than the block holds")
    let room = slab.slotSize - PacketSlab.headroom - PacketSlab.tailroom
    for slot in 0..<count {
      let range = PacketRange(slot: slot, offset: PacketSlab.headroom, length: room)
      // Sound: `slot` is below the limit; the slab checks the range, whose length is the capacity.
      unsafe messages[slot].buffer = slab.address(of: range)
      unsafe messages[slot].capacity = UInt32(room)
    }
    // Sound: the first `count` messages have just been filled in.
    return unsafe cipv8_udp_receive(socket.number, messages, UInt32(count))
  }

  /// What came in slot `slot`; nil when it is empty or was cut.
  func train(_ slot: Int) -> DatagramTrain? {
    precondition(slot < Self.messageLimit, "a message of the block")
    // Sound: all messages of the block are initialised.
    let message = unsafe messages[slot]
    let (length, segment) = unsafe (Int(message.length), Int(message.segment_size))
    guard length > 0, unsafe message.truncated == 0 else { return nil }
    return DatagramTrain(
      range: PacketRange(slot: slot, offset: PacketSlab.headroom, length: length),
      segmentSize: (1...length).contains(segment) ? segment : length,
      source: unsafe message.source.endpoint, ecn: unsafe message.ecn)
  }
}
