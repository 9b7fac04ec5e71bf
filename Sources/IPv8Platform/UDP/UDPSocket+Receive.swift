import Glibc
import IPv8Wire

extension UDPSocket {
  /// Takes the datagrams that wait, one train per slot from slot 0 on; at most
  /// min(``PacketSlab/slotCount``, 64) trains, so call again when that many came.
  ///
  /// The data begins at ``PacketSlab/headroom`` and leaves ``PacketSlab/tailroom`` at the end of
  /// its slot. Where the kernel joins datagrams, slots must have ``trainLimit`` bytes between them,
  /// or whole trains would be lost.
  /// Errors that earlier sends left on the socket are passed over.
  ///
  /// - Parameter trains: replaced by what came; empty when nothing waits.
  public mutating func receive(
    into slab: inout PacketSlab, trains: inout [DatagramTrain]
  ) throws(SystemError) {
    let room = slab.slotSize - PacketSlab.headroom - PacketSlab.tailroom
    precondition(!gro || room >= Self.trainLimit, "a slot holds what the kernel joins")
    trains.removeAll(keepingCapacity: true)
    let slots = min(slab.slotCount, ReceiveBlock.messageLimit)
    for _ in 0..<Self.errorLimit {
      let received = inbox.receive(slots, into: &slab, from: descriptor)
      if received >= 0 {
        for slot in 0..<Int(received) {
          if let train = inbox.train(slot) { trains.append(train) } else { discarded += 1 }
        }
        return
      }
      switch -received {
      case EAGAIN: return
      case EINTR, ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN,
        EPROTO, EMSGSIZE, EACCES, EPERM, ENOPROTOOPT, ENONET:
        continue
      case let code: throw SystemError(.receive, errno: code)
      }
    }
  }

  /// The most that the kernel joins, in bytes.
  public static var trainLimit: Int { 65_535 }

  /// How many pending errors one call passes over; the next call goes on.
  private static var errorLimit: Int { 16 }
}
