import Glibc
import IPv8Wire

// Consecutive datagrams to one destination and of one size cross into the kernel as one message
// that it cuts (UDP_SEGMENT). When a merged message is refused for what it is, its datagrams are
// sent one by one. If the first of them goes, the device cannot cut, and merging is off for good;
// if it does not, as when it exceeds the MTU, the fault was not in the merging.

extension UDPSocket {
  /// Sends `datagrams` in order.
  public mutating func send(
    _ datagrams: [OutgoingDatagram], from slab: borrowing PacketSlab
  ) -> SendResult {
    var result = SendResult()
    var start = 0
    while start < datagrams.count, result.blocked == 0 {
      let end = plan.fill(datagrams, from: start, in: slab, merging: gso)
      transmit(datagrams, from: start, in: slab, &result)
      start = end
    }
    result.blocked = datagrams.count - (result.sent + result.dropped - result.blocked)
    return result
  }

  /// Sends what is planned, the datagrams from `start` on, until the socket buffer is full.
  private mutating func transmit(
    _ datagrams: [OutgoingDatagram], from start: Int, in slab: borrowing PacketSlab,
    _ result: inout SendResult
  ) {
    var message = 0
    var datagram = start
    while message < plan.messageCount, result.blocked == 0 {
      let sent = plan.send(from: message, to: descriptor)
      if sent == -EINTR { continue }
      for _ in 0..<max(0, Int(sent)) {
        let count = plan.datagramCount(message)
        result.sent += count
        datagram += count
        message += 1
      }
      guard sent < 0 else { continue }
      let count = plan.datagramCount(message)
      if count > 1, [EIO, EINVAL, EMSGSIZE].contains(-sent) {
        sendSingly(datagrams[datagram..<datagram + count], in: slab, &result)
      } else {
        let outcome = SendOutcome(errno: -sent)
        if outcome == .tooBig { result.lastTooBig = datagrams[datagram] }
        result.count(outcome, datagrams: count)
      }
      datagram += count
      message += 1
    }
  }

  private mutating func sendSingly(
    _ datagrams: ArraySlice<OutgoingDatagram>, in slab: borrowing PacketSlab,
    _ result: inout SendResult
  ) {
    for (index, datagram) in datagrams.enumerated() where result.blocked == 0 {
      let outcome = sendOne(datagram, from: slab)
      if index == 0, outcome == .sent { gso = false }
      if outcome == .tooBig { result.lastTooBig = datagram }
      result.count(outcome, datagrams: 1)
    }
  }
}
