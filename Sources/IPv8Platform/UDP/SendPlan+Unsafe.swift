import CIPv8Linux
import Glibc
import IPv8Wire

/// The messages of one `sendmmsg`, in memory allocated once.
@safe
struct SendPlan: ~Copyable, @unchecked Sendable {
  static let messageLimit = Int(CIPV8_BATCH)
  /// Pieces of memory in all messages together.
  static let partLimit = 1_024

  private(set) var messageCount = 0
  private(set) var partCount = 0
  private let messages: UnsafeMutablePointer<cipv8_outbound>
  private let parts: UnsafeMutablePointer<iovec>

  init() {
    unsafe messages = .allocate(capacity: Self.messageLimit)
    unsafe parts = .allocate(capacity: Self.partLimit)
  }

  deinit {
    unsafe messages.deallocate()
    unsafe parts.deallocate()
  }

  /// Replaces the plan by as many of `datagrams` from `start` on as fit, consecutive ones to one
  /// destination, of one size (the last may be shorter) and with one ECN codepoint merged where `merging`.
  ///
  /// - Returns: the index of the first datagram not taken.
  mutating func fill(
    _ datagrams: [OutgoingDatagram], from start: Int, in slab: borrowing PacketSlab, merging: Bool
  ) -> Int {
    messageCount = 0
    partCount = 0
    var next = start
    while next < datagrams.count, messageCount < Self.messageLimit, partCount < Self.partLimit {
      next = append(datagrams, from: next, in: slab, merging: merging)
    }
    return next
  }

  private mutating func append(
    _ datagrams: [OutgoingDatagram], from start: Int, in slab: borrowing PacketSlab, merging: Bool
  ) -> Int {
    let first = datagrams[start]
    let size = first.range.length
    let firstPart = partCount
    appendPart(first.range, after: firstPart, in: slab)
    var bytes = Int(size)
    var end = start + 1
    var last = size
    while merging, end < datagrams.count, last == size, end - start < UDPSocket.mergeLimit,
      partCount < Self.partLimit
    {
      let next = datagrams[end]
      guard next.destination == first.destination, next.ecn == first.ecn,
        (1...max(1, size)).contains(next.range.length),
        bytes + Int(next.range.length) <= UDPSocket.mergedBytes
      else { break }
      appendPart(next.range, after: firstPart, in: slab)
      last = next.range.length
      bytes += Int(last)
      end += 1
    }
    // Sound: `fill` and the loop above keep both counts below their limits.
    unsafe messages.advanced(by: messageCount).initialize(
      to: cipv8_outbound(
        parts: parts + firstPart, part_count: UInt32(partCount - firstPart),
        datagram_count: UInt32(end - start), segment_size: end - start > 1 ? UInt16(size) : 0,
        ecn: first.ecn, destination: cipv8_endpoint(first.destination)))
    messageCount += 1
    return end
  }

  /// Appends memory to the message that began with part `first`; what follows the part before it
  /// lengthens that part: the kernel copies one long piece faster than many short ones.
  private mutating func appendPart(
    _ range: PacketRange, after first: Int, in slab: borrowing PacketSlab
  ) {
    // Sound: the slab checks the range and outlives the plan's use; `partCount` is below its limit,
    // and the parts below it are initialised.
    let start = unsafe slab.address(of: range)
    if partCount > first, unsafe parts[partCount - 1].end == start {
      unsafe parts[partCount - 1].iov_len += Int(range.length)
      return
    }
    unsafe parts.advanced(by: partCount).initialize(
      to: iovec(iov_base: start, iov_len: Int(range.length)))
    partCount += 1
  }

  /// How many datagrams message `index` stands for.
  func datagramCount(_ index: Int) -> Int {
    precondition(index < messageCount, "a message of the plan")
    // Sound: as many messages as `messageCount` says are initialised.
    return unsafe Int(messages[index].datagram_count)
  }

  /// Sends the messages from `index` on, of which there is at least one; how many went, or -errno
  /// of the first.
  func send(from index: Int, to socket: borrowing FileDescriptor) -> Int32 {
    precondition(index < messageCount, "a message of the plan")
    // Sound: as many messages as `messageCount` says are initialised, and their parts with them.
    return unsafe cipv8_udp_send(socket.number, messages + index, UInt32(messageCount - index))
  }
}

extension iovec {
  fileprivate var end: UnsafeMutableRawPointer? { unsafe iov_base.map { unsafe $0 + iov_len } }
}
