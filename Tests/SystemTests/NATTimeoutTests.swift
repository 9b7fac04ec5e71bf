import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/traversal.md, "Mapping lifetime".
  @Suite("The timeout of a NAT", .serialized)
  struct NATTimeoutTests {
    /// A peer behind a router with sessions to two others.
    private struct Setting {
      let ada: Peer
      let others: [Peer]

      /// - Parameter lifetime: of the router's mappings, seconds.
      init(lifetime: Int) throws {
        let lab = try Lab()
        try lab.router("home", .cone, at: "203.0.113.9", inside: "10.9.0")
        try lab.lifetime(of: "home", unreplied: lifetime, established: lifetime)
        let ada = try Peer(on: try lab.host("ada", behind: "home", at: "10.9.0.2"))
        try ada.up()
        self.ada = ada
        others = try [("bob", "198.51.100.1"), ("cleo", "192.0.2.1")].map { name, address in
          let peer = try Peer(on: try lab.host(name, at: address))
          try peer.up()
          try peer.add(ada)
          try ada.add(peer, at: address, keepOpen: true)
          return peer
        }
      }

      /// What is known once the measurement has ended.
      func measured() throws -> Network {
        try eventually("lifetimes are known", within: 180, every: 500_000) {
          try ada.netcheck(known: true).lifetimes?.establishedSeconds != nil
        }
        return try ada.netcheck(known: true)
      }
    }

    /// One after the other they would take twice as long, most of which is waiting.
    @Test(
      "is measured within 5 s, remembered, and a session idle for ten of it answers the first ping")
    func measured() throws {
      let lifetimes = (short: 6, long: 20)
      let short = try Setting(lifetime: lifetimes.short)
      let long = try Setting(lifetime: lifetimes.long)
      let first = try short.measured()
      #expect(first.keepaliveMilliseconds < lifetimes.short * 1_000)
      let idleSince = ContinuousClock.now

      let second = try long.measured()
      let found = try #require(second.lifetimes)
      #expect((15...20).contains(found.establishedSeconds ?? 0), "\(found)")
      #expect((20...25).contains(found.establishedDeadSeconds ?? 0), "\(found)")
      #expect(second.keepaliveMilliseconds < lifetimes.long * 1_000)
      try long.ada.down()
      try long.ada.up()
      try eventually("what was measured is remembered", every: 200_000) {
        try long.ada.netcheck(known: true).lifetimes?.establishedSeconds
          == found.establishedSeconds
      }

      // What is shown is that nothing more is needed for so long.
      try eventually("ten lifetimes have passed", within: 120, every: 500_000) {
        ContinuousClock.now - idleSince > .seconds(10 * lifetimes.short)
      }
      for peer in short.others { #expect(try peer.reaches(short.ada)) }
    }
  }
}
