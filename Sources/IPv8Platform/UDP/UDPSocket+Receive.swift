import Glibc
import IPv8Wire

extension UDPSocket {
  /// Takes the datagrams that wait, one train per slot from slot 0 on, into as many slots as suit
  /// the trains of late: few long ones or many short ones, about ``batchBytes`` in all.
  ///
  /// The data begins at ``PacketSlab/headroom`` and leaves ``PacketSlab/tailroom`` at the end of
  /// its slot. Where the kernel joins datagrams, slots must have ``trainLimit`` bytes between them,
  /// or whole trains would be lost.
  /// Errors that earlier sends left on the socket are passed over.
  ///
  /// - Parameter trains: replaced by what came; empty when nothing waits.
  /// - Returns: whether all those slots were used, so that more may wait.
  public mutating func receive(
    into slab: inout PacketSlab, trains: inout [DatagramTrain]
  ) throws(SystemError) -> Bool {
    let room = slab.slotSize - PacketSlab.headroom - PacketSlab.tailroom
    precondition(!gro || room >= Self.trainLimit, "a slot holds what the kernel joins")
    trains.removeAll(keepingCapacity: true)
    let slots = min(slab.slotCount, appetite)
    for _ in 0..<Self.errorLimit {
      let received = inbox.receive(slots, into: &slab, from: descriptor)
      if received >= 0 {
        for slot in 0..<Int(received) {
          if let train = inbox.train(slot), !train.source.isReserved {
            trains.append(train)
          } else {
            discarded += 1
          }
        }
        adapt(to: trains, slots: slots)
        return Int(received) == slots
      }
      switch -received {
      case EAGAIN: return false
      case EINTR, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN,
        EPROTO, EMSGSIZE, EACCES, EPERM, ENOPROTOOPT, ENONET:
        continue
      case let code: throw SystemError(.receive, errno: code)
      }
    }
    return true
  }

  /// Bytes that one call takes once it knows the trains: what stays in a core's own cache.
  public static var batchBytes: Int { 128 << 10 }

  private mutating func adapt(to trains: [DatagramTrain], slots: Int) {
    var bytes = 0
    for train in trains { bytes += Int(train.range.length) }
    if bytes > Self.batchBytes {
      appetite = max(1, slots / 2)
    } else if trains.count == slots, 2 * bytes <= Self.batchBytes {
      appetite = min(2 * slots, ReceiveBlock.messageLimit)
    }
  }

  /// The most that the kernel joins, in bytes.
  public static var trainLimit: Int { 65_535 }

  /// How many pending errors one call passes over; the next call goes on.
  private static var errorLimit: Int { 16 }
}
