import Glibc
import IPv8Platform
import IPv8Wire
import Testing

@Suite("A socket of LAN discovery")
struct LANSocketTests {
  @Test("several share a port, and each gets what is broadcast", .enabled(if: isRoot))
  func broadcast() throws {
    try isolated(.network) {
      let first = try LANSocket(family: .v4, port: 46_808)
      let second = try LANSocket(family: .v4, port: 46_808)
      let everybody = Endpoint(.v4(IPv4Address(0x7fff_ffff)), port: 46_808)
      try send([1, 2, 3], to: everybody, by: first)
      for socket in [0, 1] {
        let received = try received(socket == 0 ? first.receive() : second.receive())
        #expect(received.bytes == [1, 2, 3])
        #expect(received.source.port == 46_808)
      }
      let more = first.receive()?.bytes
      #expect(more == nil)
    }
  }

  @Test("joining a group again does no harm", .enabled(if: isRoot))
  func join() throws {
    try isolated(.network) {
      let interface = try #require(InterfaceIndex(named: "lo"))
      let socket = try LANSocket(family: .v6, port: 46_808)
      for _ in 0..<2 { try socket.join(IPv6Address(0xff12 << 112 | 0xfde8), on: interface) }
      #expect(throws: SystemError.self) {
        try socket.join(IPv6Address(0xff12 << 112 | 0xfde8), on: InterfaceIndex(9_999))
      }
    }
  }

  @Test("a datagram that is too long comes as none", .enabled(if: isRoot))
  func length() throws {
    try isolated(.network) {
      let socket = try LANSocket(family: .v4, port: 46_808)
      let own = Endpoint(.v4(IPv4Address(0x7f00_0001)), port: 46_808)
      for count in [64, 65] {
        try send([UInt8](repeating: 1, count: count), to: own, by: socket)
        let heard = try received(socket.receive())
        #expect(heard.bytes.count == (count == 64 ? 64 : 0))
      }
    }
  }
}

private func received(
  _ datagram: (bytes: [UInt8], source: Endpoint)?
) throws -> (bytes: [UInt8], source: Endpoint) { try #require(datagram) }

private func send(
  _ bytes: [UInt8], to everybody: Endpoint, by socket: borrowing LANSocket
) throws {
  let outcome = socket.send(bytes, to: everybody)
  #expect(outcome == .sent)
}
