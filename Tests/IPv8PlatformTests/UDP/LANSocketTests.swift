import Glibc
import IPv8Platform
import IPv8Wire
import Testing

@Suite("A socket of LAN discovery")
struct LANSocketTests {
  @Test("several share a port, and each gets what is broadcast", .enabled(if: isRoot))
  func broadcast() throws {
    try isolated(.network) {
      let (first, second) = (
        try LANSocket(family: .v4, port: 46_808), try LANSocket(family: .v4, port: 46_808)
      )
      let everybody = Endpoint(.v4(IPv4Address(0x7fff_ffff)), port: 46_808)
      #expect(first.send([1, 2, 3], to: everybody) == .sent)
      for socket in [0, 1] {
        let received = try received(socket == 0 ? first.receive() : second.receive())
        #expect(received.bytes == [1, 2, 3])
        #expect(received.source.port == 46_808)
      }
      #expect(first.receive() == nil)
    }
  }

  @Test(
    "each gets what is sent to the group that it joined, with the interface", .enabled(if: isRoot))
  func multicast() throws {
    try isolated(.network) {
      let interface = try #require(InterfaceIndex(named: "lo"))
      let group = IPv6Address(0xff12 << 112 | 0xfde8)
      let (first, second) = (
        try LANSocket(family: .v6, port: 46_808), try LANSocket(family: .v6, port: 46_808)
      )
      try first.join(group, on: interface)
      try first.join(group, on: interface)
      let everybody = Endpoint(.v6(group), port: 46_808, scope: interface.value)
      #expect(first.send([4], to: everybody) == .sent)
      #expect(try received(first.receive()).bytes == [4])
      #expect(second.receive() == nil)
    }
  }

  @Test("a datagram that is too long comes as none", .enabled(if: isRoot))
  func length() throws {
    try isolated(.network) {
      let socket = try LANSocket(family: .v4, port: 46_808)
      let own = Endpoint(.v4(IPv4Address(0x7f00_0001)), port: 46_808)
      #expect(socket.send([UInt8](repeating: 1, count: 65), to: own) == .sent)
      #expect(try received(socket.receive()).bytes.isEmpty)
      #expect(socket.send([UInt8](repeating: 1, count: 64), to: own) == .sent)
      #expect(try received(socket.receive()).bytes.count == 64)
    }
  }
}

private func received(
  _ datagram: (bytes: [UInt8], source: Endpoint)?
) throws -> (bytes: [UInt8], source: Endpoint) { try #require(datagram) }
