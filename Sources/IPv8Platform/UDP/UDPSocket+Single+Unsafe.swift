import CIPv8Linux
import Glibc
import IPv8Wire

extension UDPSocket {
  /// Sends one datagram, as those that control sessions are; it is copied by the kernel at once.
  public func send(_ bytes: [UInt8], to destination: Endpoint) -> SendOutcome {
    descriptor.sendDatagram(bytes, to: destination)
  }

  /// The next datagram that waits, and its source; nil when none does. For short ones on sockets
  /// without joining.
  public func receiveOne() -> (bytes: [UInt8], source: Endpoint)? {
    descriptor.receiveDatagram(limit: SideSocket.byteLimit)
  }

  /// Sends `datagram` alone.
  func sendOne(_ datagram: OutgoingDatagram, from slab: borrowing PacketSlab) -> SendOutcome {
    // Sound: the slab checks the range, and the length is the range's.
    unsafe descriptor.sendDatagram(
      iovec(iov_base: slab.address(of: datagram.range), iov_len: Int(datagram.range.length)),
      ecn: datagram.ecn, to: datagram.destination)
  }
}

extension FileDescriptor {
  /// Sends one datagram by this UDP socket; the kernel copies it at once.
  func sendDatagram(_ bytes: [UInt8], to destination: Endpoint) -> SendOutcome {
    unsafe bytes.withUnsafeBytes { buffer in
      // Sound: the array outlives the call, which only reads it, whatever the type of iov_base.
      let start = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
      return unsafe sendDatagram(iovec(iov_base: start, iov_len: buffer.count), to: destination)
    }
  }

  /// Sends one datagram whose bytes `part` holds, by this UDP socket.
  @unsafe
  func sendDatagram(
    _ part: iovec, ecn: UInt8 = 0, to destination: Endpoint
  ) -> SendOutcome {
    // Sound: the part and the message live for the calls.
    unsafe withUnsafePointer(to: part) { part in
      var message = unsafe cipv8_outbound(
        parts: part, part_count: 1, datagram_count: 1, segment_size: 0, ecn: ecn,
        destination: cipv8_endpoint(destination))
      // An error that an earlier datagram left on the socket is told once: try again.
      var attempts = 0
      while true {
        let sent = unsafe cipv8_udp_send(number, &message, 1)
        if sent >= 0 { return .sent }
        if sent == -EINTR { continue }
        attempts += 1
        if sent != -ECONNREFUSED || attempts > 1 { return SendOutcome(errno: -sent) }
      }
    }
  }

  /// The next datagram that waits at this UDP socket, and its source; nil when none does. One longer
  /// than `limit` comes as no bytes.
  func receiveDatagram(limit: Int) -> (bytes: [UInt8], source: Endpoint)? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let number = number
    while true {
      var message = unsafe cipv8_inbound()
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe message.buffer = buffer.baseAddress
        unsafe message.capacity = UInt32(buffer.count)
        // Sound: the buffer outlives the call, and its size is the capacity.
        return unsafe cipv8_udp_receive(number, &message, 1)
      }
      // Errors that earlier sends left are told once each.
      if [-EINTR, -ECONNREFUSED, -ENETUNREACH, -EHOSTUNREACH].contains(count) { continue }
      guard count > 0 else { return nil }
      let length = unsafe message.truncated == 0 ? Int(message.length) : 0
      return (Array(bytes.prefix(length)), unsafe message.source.endpoint)
    }
  }
}
