import CIPv8Linux
import Glibc
import IPv8Wire

/// One question over TCP and its answer, without waiting: connects, sends, reads to the end.
public struct TCPExchange: ~Copyable, Sendable {
  public enum Progress: Equatable, Sendable {
    /// There is more to come.
    case waiting
    /// The other side has said all, or as much as fits.
    case ended([UInt8])
    case failed
  }

  let descriptor: FileDescriptor
  private let request: [UInt8]
  private let limit: Int
  private var sent = 0
  /// What has come so far.
  public private(set) var answer: [UInt8] = []

  /// - Parameter limit: bytes of an answer; it ends there.
  public init(
    with endpoint: Endpoint, request: [UInt8], limit: Int
  ) throws(SystemError) {
    let domain = if case .v4 = endpoint.address { AF_INET } else { AF_INET6 }
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = try FileDescriptor.socket(domain: domain, type: type, protocolNumber: 0)
    let result = cipv8_tcp_connect(descriptor.number, cipv8_endpoint(endpoint))
    if result != -EINPROGRESS { try checked(.connect, result) }
    self.descriptor = descriptor
    self.request = request
    self.limit = limit
  }

  /// Goes on after the event loop has named the exchange.
  public mutating func proceed() -> Progress {
    while sent < request.count {
      let count = write()
      // Until it is connected, too.
      if count == -EAGAIN || count == -ENOTCONN { return .waiting }
      guard count > 0 else { return .failed }
      sent += count
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    while answer.count < limit {
      let count = read(into: &buffer)
      if count == -EAGAIN { return .waiting }
      guard count >= 0 else { return .failed }
      if count == 0 { return .ended(answer) }
      answer += buffer.prefix(min(count, limit - answer.count))
    }
    return .ended(answer)
  }

  /// How many bytes of the rest went, or -errno.
  private func write() -> Int {
    let (number, start) = (descriptor.number, sent)
    return unsafe request.withUnsafeBytes { bytes in
      // Sound: the rest lies within the array, which outlives the call.
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
      let count = unsafe send(number, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      return count < 0 ? -Int(errno) : count
    }
  }

  private func read(into buffer: inout [UInt8]) -> Int {
    // Sound: the count given is that of the array.
    let count = unsafe recv(descriptor.number, &buffer, buffer.count, 0)
    return count < 0 ? -Int(errno) : count
  }
}
