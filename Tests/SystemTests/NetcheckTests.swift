import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/traversal.md, "STUN" and "NAT check", beside programs of others.
  @Suite("netcheck", .serialized)
  struct NetcheckTests {
    static let kinds: [(Lab.RouterType, String)] = [
      (.cone, "portRestrictedCone"), (.fullCone, "fullCone"), (.restricted, "restrictedCone"),
      (.symmetric, "symmetric"), (.addressSymmetric, "symmetric"), (.firewall, "firewall"),
    ]
    /// Of a router at home and that of its provider: the harder of both counts.
    static let levels: [(Lab.RouterType, Lab.RouterType, String)] = [
      (.cone, .cone, "portRestrictedCone"), (.fullCone, .fullCone, "fullCone"),
      (.cone, .fullCone, "portRestrictedCone"), (.restricted, .cone, "portRestrictedCone"),
      (.cone, .symmetric, "symmetric"),
    ]

    /// A peer behind a router, or two, coturn on two addresses, and a public peer on two addresses.
    struct Setting {
      let ada: Peer
      let turn: Host
      let turnserver: Command
      let bob: Peer

      init(_ type: Lab.RouterType, behind carrier: Lab.RouterType? = nil) throws {
        let lab = try Lab()
        turn = try lab.host("turn", at: "5.5.5.1", "6.6.6.1")
        let server = try lab.host("bob", at: "8.8.4.1", "9.9.4.1")
        if let carrier {
          try lab.router("carrier", carrier, at: "7.7.7.1", inside: "100.64.1")
          try lab.router("home", type, at: "100.64.1.2", inside: "10.9.0", behind: "carrier")
        } else {
          try lab.router("home", type, at: "7.7.7.1", inside: "10.9.0")
        }
        turnserver = try STUNJudge.server(on: turn, "5.5.5.1", "6.6.6.1")
        bob = try Peer(on: server)
        try bob.up(configuration: "public = true\nstun_addresses = [\"8.8.4.1\", \"9.9.4.1\"]\n")
        ada = try Peer(on: try lab.host("ada", behind: "home", at: "10.9.0.2"))
      }
    }

    @Test(
      "says what the lab is, and what independent clients say, with either server",
      arguments: kinds)
    func agrees(type: Lab.RouterType, kind: String) throws {
      let setting = try Setting(type)
      let (ada, host) = (setting.ada, setting.ada.host)
      // All at once: each takes seconds, most of which it waits for what does not come.
      let judges = try [("5.5.5.1", 3478), ("8.8.4.1", Int(Peer.port))].map { server, port in
        (
          try STUNJudge.discovery(on: host, of: server, port: port),
          try STUNJudge.classic(on: host, of: server, port: port)
        )
      }
      try ada.up(configuration: "stun_servers = [\"5.5.5.1:3478\"]\n")
      let found = try #require(try ada.netcheck().ipv4)
      #expect(found.kind == kind)
      #expect(found.reportersAsked == 1 && found.reportersAnswered == 1)
      for (place, (discovery, classic)) in judges.enumerated() {
        var judgement = STUNJudge.judgement(ofDiscovery: try discovery.finish(within: 60).output)
        // Its third destination is the second answer's other address. That is a new one only with
        // coturn's server, which always names the same; RFC 5780 names the opposite of each.
        if place == 1, type == .addressSymmetric { judgement.mapping = found.mapping }
        #expect(judgement == STUNJudgement(mapping: found.mapping, filtering: found.filtering))
        let outcome = try classic.finish(within: 60)
        #expect(STUNJudge.kind(ofClassic: outcome.output) == kind, "\(outcome)")
      }
      // Asked of our own server, from a socket of its own, it says the same.
      let lone = try host.run(
        try Lab.binary(), "netcheck", "--state", "\(host.lab.directory)/nobody", "--server",
        "8.8.4.1:\(Peer.port)")
      #expect(lone.succeeded && lone.output.contains(found.mapping == nil ? "" : "mapping"))
    }

    @Test("sees two routers in a row as one, as an independent client does", arguments: levels)
    func carrier(home: Lab.RouterType, carrier: Lab.RouterType, kind: String) throws {
      let setting = try Setting(home, behind: carrier)
      let judge = try STUNJudge.discovery(on: setting.ada.host, of: "5.5.5.1", port: 3478)
      try setting.ada.up(configuration: "stun_servers = [\"5.5.5.1:3478\", \"8.8.4.1:45000\"]\n")
      let found = try #require(try setting.ada.netcheck().ipv4)
      #expect(found.kind == kind && found.local == "10.9.0.2:\(Peer.port)")
      #expect(found.reportersAnswered == 2)
      if kind != "symmetric" { #expect(found.external?.hasPrefix("7.7.7.1:") == true) }
      let judgement = STUNJudge.judgement(ofDiscovery: try judge.finish(within: 60).output)
      #expect(judgement == STUNJudgement(mapping: found.mapping, filtering: found.filtering))
    }

    @Test("calls IPv6 behind a firewall what it is, and IPv6 without one open")
    func ipv6() throws {
      let lab = try Lab()
      let bob = try Peer(on: try lab.host("bob", at: "2001:db8:1::1", "3fff:1::1"))
      try bob.up(
        configuration: "public = true\nstun_addresses = [\"2001:db8:1::1\", \"3fff:1::1\"]\n")
      try lab.router("home", .firewall, at: "2001:db8:2::1", inside: "2001:db8:7")
      let servers = "stun_servers = [\"[2001:db8:1::1]:\(Peer.port)\"]\n"
      let ada = try Peer(on: try lab.host("ada", behind: "home", at: "2001:db8:7::2"))
      let cleo = try Peer(on: try lab.host("cleo", at: "2001:db8:3::1"))
      for (peer, filtering) in [(ada, "addressAndPortDependent"), (cleo, "endpointIndependent")] {
        try peer.up(configuration: servers)
        let network = try peer.netcheck()
        let found = try #require(network.ipv6)
        #expect(found.kind == (peer.host.name == "ada" ? "firewall" : "open"))
        #expect(found.mapping == "endpointIndependent" && found.filtering == filtering)
        #expect(found.external == found.local && found.external?.contains("2001:db8:") == true)
        #expect(network.ipv4 == nil)
      }
    }

    @Test("finds out with ordinary peers alone, and says what they cannot tell and why")
    func peersAlone() throws {
      let lab = try Lab()
      try lab.router("home", .cone, at: "203.0.113.9", inside: "10.9.0")
      let ada = try Peer(on: try lab.host("ada", behind: "home", at: "10.9.0.2"))
      try ada.up()
      let alone = try #require(try ada.netcheck().ipv4)
      #expect(alone.kind == "unknown" && alone.unknown["mapping"]?.hasPrefix("no reporter") == true)
      var others: [Peer] = []
      for (name, address) in [
        ("bob", "198.51.100.1"), ("cleo", "192.0.2.1"), ("dora", "8.8.4.1"), ("eve", "9.9.4.1"),
      ] {
        let peer = try Peer(on: try lab.host(name, at: address))
        try peer.up()
        try peer.add(ada)
        for other in others {
          try other.add(peer, at: address)
          try peer.add(other, at: other.host.underlay, keepOpen: true)
        }
        others.append(peer)
        try ada.add(peer, at: address, keepOpen: true)
      }
      try eventually("four sessions are open") {
        try ada.status().peers.count { $0.state == .open } == 4
      }
      let found = try #require(try ada.netcheck().ipv4)
      #expect(found.reportersAnswered == 4 && found.mapping == "endpointIndependent")
      #expect(found.external == "203.0.113.9:\(Peer.port)" && found.ports == "preserving")
      // By a probe that one peer had another one send.
      #expect(found.filtering == "addressAndPortDependent" && found.kind == "portRestrictedCone")
    }

    @Test("says that UDP is blocked where nobody answers")
    func blocked() throws {
      let lab = try Lab()
      try lab.router("home", .blocked, at: "203.0.113.9", inside: "10.9.0")
      let ada = try Peer(on: try lab.host("ada", behind: "home", at: "10.9.0.2"))
      try ada.up(configuration: "stun_servers = [\"198.51.100.1:3478\"]\n")
      #expect(try ada.netcheck().ipv4?.kind == "blocked")
    }
  }
}
