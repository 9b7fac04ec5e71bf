import Foundation
import Testing

extension SystemTests {
  @Suite("Networks that use our addresses", .serialized)
  struct NeighbourTests {
    private func routes(_ peer: Peer, _ family: String) throws -> [String] {
      try peer.host.run("ip", family, "route", "show", "dev", Peer.interface).output
        .split(separator: "\n").map { String($0.split(separator: " ")[0]) }
    }

    @Test("only the single IPv4 addresses of known contacts are routed, never their range")
    func aliasRoutes() throws {
      let (host, other) = try Lab().linkedHosts()
      let (ada, bob) = (try Peer(on: host), try Peer(on: other))
      try ada.up()
      try bob.up()
      #expect(try routes(ada, "-4").isEmpty)
      try ada.add(bob, at: other.underlay)
      let alias = try #require(try ada.status(of: bob)?.address4)
      #expect(try routes(ada, "-4") == [alias])
      try ada.expect("peer", "remove", other.name)
      #expect(try routes(ada, "-4").isEmpty)
    }

    @Test("where the underlay is all of 100.64.0.0/10, aliases come from elsewhere")
    func carrierGradeNAT() throws {
      let (host, other) = try Lab().linkedHosts()
      _ = try host.run("ip", "address", "add", "100.64.9.9/10", "dev", "lo")
      let (ada, bob) = (try Peer(on: host), try Peer(on: other))
      try ada.up()
      try bob.up()
      try ada.add(bob, at: other.underlay)
      try bob.add(ada, at: host.underlay)
      let own = try #require(try ada.status().address4)
      let alias = try #require(try ada.status(of: bob)?.address4)
      #expect(!own.hasPrefix("100.") && !alias.hasPrefix("100."))
      // The two sides know each other by different aliases, and still speak IPv4.
      let ping = try ada.host.run("ping", "-c", "5", "-i", "0.05", "-W", "5", alias)
      #expect(ping.succeeded, "\(ping)")
    }

    @Test("where the underlay has part of the overlay's prefix, only single addresses are routed")
    func uniqueLocalSite() throws {
      let (host, other) = try Lab().linkedHosts()
      _ = try host.run("ip", "address", "add", "fde8:1:2:3::1/64", "dev", "lo")
      let (ada, bob) = (try Peer(on: host), try Peer(on: other))
      try ada.up()
      try bob.up()
      #expect(try !routes(ada, "-6").contains("fde8::/16"))
      #expect(try routes(bob, "-6").contains("fde8::/16"))
      try ada.add(bob, at: other.underlay)
      try bob.add(ada, at: host.underlay)
      let address = try bob.identity().address6
      #expect(try routes(ada, "-6").contains(address))
      let ping = try ada.host.run("ping", "-6", "-c", "3", "-i", "0.05", "-W", "5", address)
      #expect(ping.succeeded, "\(ping)")
    }
  }
}
