import Foundation
import Testing

extension SystemTests {
  @Suite("The underlay", .serialized)
  struct UnderlayTests {
    @Test("no inner byte crosses the underlay in clear")
    func secrecy() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let pattern = [UInt8]("attack at dawn! ".utf8)
      let hexadecimal = pattern.map { String(format: "%02x", $0) }.joined()
      let address = try bob.identity().address6
      let ping = ["ping", "-c", "5", "-i", "0.1", "-s", "512", "-p", hexadecimal, address]
      let inside = try Capture(on: ada.host, interface: Peer.interface, filter: "ip6")
      let outside = try Capture(on: ada.host, filter: "ip or ip6")
      #expect(try ada.host.run(ping).succeeded)
      // The pattern is seen where it should be, so not seeing it outside says something.
      #expect(try inside.stop().range(of: Data(pattern)) != nil)
      let wire = try outside.stop()
      #expect(wire.count > 5 * 512)
      #expect(wire.range(of: Data(pattern)) == nil)
      let own = try ada.identity().address6.addressBytes
      #expect(wire.range(of: Data(own)) == nil)
    }

    @Test("where contacts alone are let in a stranger gets silence, whatever it knows")
    func silence() throws {
      let lab = try Lab()
      let ada = try Peer(on: lab.host("ada", at: "203.0.113.1"))
      let bob = try Peer(on: lab.host("bob", at: "203.0.113.2"))
      let eve = try Peer(on: lab.host("eve", at: "203.0.113.3"))
      for peer in [ada, bob, eve] { try peer.up() }
      try ada.expect("admit", "added")
      try ada.add(bob, at: bob.host.underlay)
      try bob.add(ada, at: ada.host.underlay)
      // Eve knows ada's PermID, address and port; ada never added her.
      try eve.add(ada, at: ada.host.underlay, keepOpen: true)
      let capture = try Capture(on: eve.host)
      try eventually("eve knocks three times") { capture.datagrams().count >= 3 }
      let junk = try NamespaceSocket(on: eve.host)
      for byte in [0x00, 0x40, 0x80, 0xff] as [UInt8] {
        try junk.send(
          [UInt8](repeating: byte, count: 64), to: ada.host.underlay, port: Peer.port)
      }
      // Ada answers a friend, so she is alive, and all that came before him has been judged.
      try eventually("ada answers bob") { try bob.reaches(ada) }
      #expect(try !eve.reaches(ada))
      let seen = try capture.stopAndParse()
      #expect(seen.contains { $0.destination == ada.host.underlay })
      #expect(seen.filter { $0.source == ada.host.underlay }.isEmpty)
      #expect(try eve.status(of: ada)?.state != .open)
      #expect(try ada.status().peers.map(\.permID) == [bob.identity().permID])
    }

    /// What someone on the cable may do to a datagram, and the counters that one of must grow.
    struct Attack: CustomTestStringConvertible {
      let testDescription: String
      let counters: [String]
      let change: @Sendable ([UInt8]) -> [UInt8]
    }

    static let attacks = [
      Attack(testDescription: "replayed", counters: ["dropped.replay"]) { $0 },
      Attack(
        testDescription: "with one bit flipped",
        counters: ["dropped.authentication", "dropped.replay"]
      ) { bytes in
        var bytes = bytes
        bytes[bytes.count - 1] ^= 1
        return bytes
      },
      Attack(
        testDescription: "with one bit of the header flipped",
        counters: ["dropped.authentication"]
      ) { bytes in
        var bytes = bytes
        // A counter that is still to come, so that the replay window does not catch it first.
        bytes[1] ^= 1
        return bytes
      },
      Attack(
        testDescription: "truncated by one byte",
        counters: ["dropped.authentication", "dropped.replay"]
      ) { Array($0.dropLast()) },
      Attack(testDescription: "truncated into its header", counters: ["dropped.malformed"]) {
        Array($0.prefix(7))
      },
      Attack(
        testDescription: "under a wrong session id", counters: ["dropped.unknownSession"]
      ) { bytes in
        var bytes = bytes
        bytes[8] ^= 0xff
        return bytes
      },
    ]

    @Test("a datagram is dropped and counted", arguments: attacks)
    func attack(_ attack: Attack) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let capture = try Capture(on: bob.host)
      let address = try bob.identity().address6
      #expect(try ada.host.run("ping", "-c", "5", "-i", "0.1", address).succeeded)
      func fromAda(_ datagram: CapturedDatagram) -> Bool {
        datagram.source == ada.host.underlay && datagram.payload.count > 100
          && datagram.payload[0] & 0x80 != 0
      }
      try eventually("the capture has a record") { capture.datagrams().contains(where: fromAda) }
      let record = try #require(capture.datagrams().last(where: fromAda)).payload

      func counted() throws -> UInt64 {
        let counters = try bob.status().counters
        return attack.counters.reduce(0) { $0 + (counters[$1] ?? 0) }
      }
      let before = try counted()
      let received = try bob.status(of: ada)
      let attacker = try NamespaceSocket(on: ada.host)
      for _ in 0..<10 {
        try attacker.send(attack.change(record), to: bob.host.underlay, port: Peer.port)
      }
      try eventually("ten more are counted") { try counted() >= before + 10 }
      // Nothing else has changed: the session is open, on the same path, and carries packets.
      let after = try #require(try bob.status(of: ada))
      #expect(after.state == .open)
      #expect(after.path.endpoint == received?.path.endpoint)
      #expect(try ada.host.run("ping", "-c", "3", "-i", "0.1", address).succeeded)
    }

    @Test("any bytes on the port are dropped, and the daemon lives")
    func noise() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      try eventually("a session is open") { try ada.reaches(bob) }
      let daemon = try bob.daemon()
      let attacker = try NamespaceSocket(on: ada.host)
      var random = SystemRandomNumberGenerator()
      for size in 0..<1_400 {
        let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
        try attacker.send(bytes, to: bob.host.underlay, port: Peer.port)
      }
      #expect(try ada.reaches(bob))
      #expect(try bob.daemon() == daemon)
    }
  }
}
