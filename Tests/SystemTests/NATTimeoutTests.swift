import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/traversal.md, "Mapping lifetime".
  @Suite("The timeout of a NAT", .serialized)
  struct NATTimeoutTests {
    /// A peer behind a router with sessions to two others.
    private static func setting(lifetime: Int) throws -> (ada: Peer, bob: Peer, cleo: Peer) {
      let lab = try Lab()
      try lab.router("home", .cone, at: "203.0.113.9", inside: "10.9.0")
      try lab.lifetime(of: "home", unreplied: lifetime, established: lifetime)
      let ada = try Peer(on: try lab.host("ada", behind: "home", at: "10.9.0.2"))
      try ada.up()
      let others = try [("bob", "198.51.100.1"), ("cleo", "192.0.2.1")].map { name, address in
        let peer = try Peer(on: try lab.host(name, at: address))
        try peer.up()
        try peer.add(ada)
        try ada.add(peer, at: address, keepOpen: true)
        return peer
      }
      return (ada, others[0], others[1])
    }

    /// Waits for the measurement; the bounds of the established timer.
    private static func measure(_ peer: Peer, within seconds: Double) throws -> Network {
      try eventually("lifetimes are known", within: seconds, every: 500_000) {
        try peer.netcheck(known: true).lifetimes?.establishedSeconds != nil
      }
      return try peer.netcheck(known: true)
    }

    @Test("is measured within 5 s at 20 s")
    func measured() throws {
      let (ada, bob, cleo) = try Self.setting(lifetime: 20)
      let found = try Self.measure(ada, within: 120)
      let lifetimes = try #require(found.lifetimes)
      #expect((15...20).contains(lifetimes.establishedSeconds ?? 0), "\(lifetimes)")
      #expect((20...25).contains(lifetimes.establishedDeadSeconds ?? 0), "\(lifetimes)")
      #expect(found.keepaliveMilliseconds < 20_000)
      // Kept for the next start in the same network.
      try ada.down()
      try ada.up()
      try eventually("what was measured is remembered", every: 200_000) {
        try ada.netcheck(known: true).lifetimes?.establishedSeconds
          == lifetimes.establishedSeconds
      }
      withExtendedLifetime((bob, cleo)) {}
    }

    @Test("is known, so that a session idle for ten lifetimes answers the first ping")
    func idle() throws {
      let lifetime = 6
      let (ada, bob, cleo) = try Self.setting(lifetime: lifetime)
      let found = try Self.measure(ada, within: 120)
      #expect(found.keepaliveMilliseconds < lifetime * 1_000)
      // What is shown is that nothing is needed for so long.
      sleep(UInt32(10 * lifetime))
      #expect(try bob.reaches(ada))
      #expect(try cleo.reaches(ada))
    }
  }
}
