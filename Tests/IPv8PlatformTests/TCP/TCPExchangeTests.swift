import Glibc
import IPv8Wire
import Testing

@testable import IPv8Platform

@Suite("A question over TCP")
struct TCPExchangeTests {
  /// A listening socket on the loopback address, and its port.
  private static func listener() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    try #require(bound)
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  private static func answer(
    of exchange: inout TCPExchange
  ) throws -> TCPExchange.Progress {
    var loop = try EventLoop()
    try loop.add(exchange, token: EventLoop.Token(1))
    var ready: [EventLoop.Token] = []
    let deadline = SystemClock.now() + .seconds(5)
    while true {
      try loop.wait(until: deadline, into: &ready)
      if ready.isEmpty { return .waiting }
      let progress = exchange.proceed()
      if progress != .waiting { return progress }
    }
  }

  @Test("is sent whole and answered to the end, or as far as the limit goes", arguments: [5, 100])
  func answered(limit: Int) throws {
    let (listening, port) = try Self.listener()
    defer { close(listening) }
    let server = try NamedThread(name: "server") {
      let connection = accept(listening, nil, nil)
      var buffer = [UInt8](repeating: 0, count: 16)
      let count = recv(connection, &buffer, buffer.count, 0)
      _ = send(connection, Array(buffer.prefix(count).reversed()) + [7, 7], count + 2, 0)
      close(connection)
    }
    var exchange = try TCPExchange(
      with: loopback(.v4, port: port), request: [1, 2, 3, 4], limit: limit)
    let answer = try Self.answer(of: &exchange)
    #expect(answer == .ended(Array([4, 3, 2, 1, 7, 7].prefix(limit))))
    server.join()
  }

  @Test("fails where nobody listens")
  func refused() throws {
    let (listening, port) = try Self.listener()
    close(listening)
    var exchange = try TCPExchange(with: loopback(.v4, port: port), request: [1], limit: 10)
    #expect(try Self.answer(of: &exchange) == .failed)
  }
}
