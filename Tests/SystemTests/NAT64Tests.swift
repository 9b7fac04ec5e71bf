import Testing

extension SystemTests {
  /// A network without IPv4, whose NAT64 is found by its resolver; docs/protocol/traversal.md, "NAT64".
  @Suite("Without IPv4", .serialized)
  struct NAT64Tests {
    private static let outer = "203.0.113.64"
    private static let server = "203.0.113.40"

    /// Ada in a network without IPv4.
    private func ada(in lab: Lab) throws -> Peer {
      try lab.router("gate", .nat64, at: Self.outer, inside: "2001:db8:64")
      return try Peer(on: lab.host("ada", behind: "gate", at: "2001:db8:64::2"))
    }

    @Test("a peer that has IPv4 alone is reached by address and by name, and finds the way back")
    func reaches() throws {
      let lab = try Lab()
      let (ada, bob) = (try ada(in: lab), try Peer(on: lab.host("bob", at: Self.server)))
      let cleo = try Peer(on: lab.host("cleo", at: "198.51.100.7"))
      for peer in [bob, cleo] { try peer.up(configuration: "public = true\n") }
      try ada.up(configuration: "stun_servers = [\"198-51-100-7.lab:\(Peer.port)\"]\n")
      try ada.add(bob, at: Self.server)
      try bob.add(ada)
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      #expect(try ada.status(of: bob)?.path.endpoint == "\(Self.server):\(Peer.port)")
      #expect(try bob.status(of: ada)?.path.endpoint?.hasPrefix("\(Self.outer):") == true)
      let address = try bob.identity().address6
      let pings = try ada.host.run("ping", "-q", "-c", "20", "-i", "0.05", address)
      #expect(pings.output.contains("20 received"), "\(pings)")
      let shell = try SecureShell(on: bob.host)
      let login = try ada.host.ssh(to: address, of: shell, "ip netns identify")
      #expect(login.output == "\(bob.host.namespace)\n", "\(login)")
      #expect(try bob.reaches(ada))

      try ada.add(cleo, at: "198-51-100-7.lab")
      try cleo.add(ada)
      try eventually("ada reaches cleo") { try ada.reaches(cleo) }
      #expect(try ada.status(of: cleo)?.path.endpoint == "198.51.100.7:\(Peer.port)")

      let found = try #require(try ada.netcheck().ipv4)
      #expect(found.mapping == "endpointIndependent" && found.local == "192.0.0.1:\(Peer.port)")
      #expect(found.external?.hasPrefix(Self.outer) == true && found.reportersAnswered == 2)
    }

    @Test("a peer behind a NAT of its own is reached directly once both are introduced")
    func introduced() throws {
      let lab = try Lab()
      try lab.router("home", .cone, at: "203.0.113.10", inside: "192.168.1")
      let ada = try ada(in: lab)
      let bob = try Peer(on: lab.host("bob", behind: "home", at: "192.168.1.2"))
      let mia = try Peer(on: lab.host("mia", at: Self.server))
      for peer in [ada, bob, mia] { try peer.up() }
      for peer in [ada, bob] {
        try mia.add(peer)
        try peer.add(mia, at: Self.server, keepOpen: true)
      }
      try eventually("mia has both") { try mia.status().peers.count { $0.state == .open } == 2 }
      try ada.add(bob)
      try bob.add(ada)
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      try eventually("directly") { try ada.status(of: bob)?.path.kind == "direct" }
      #expect(try bob.status(of: ada)?.path.kind == "direct")
    }

    @Test(
      "where UDP is blocked, streams find their way, too", arguments: [server, "203-0-113-40.lab"])
    func streams(place: String) throws {
      let lab = try Lab()
      let (ada, bob) = (try ada(in: lab), try Peer(on: lab.host("bob", at: Self.server)))
      let gate = Host(lab: lab, name: "gate", underlay: Self.outer)
      try gate.expect("nft", "insert rule ip lab forward meta l4proto udp drop")
      try bob.up(configuration: "https_port = 443\n")
      try ada.up()
      try bob.add(ada)
      let added = try ada.tun(
        "peer", "add", try bob.identity().permID, "--endpoint", "https://\(place)")
      #expect(added.succeeded, "\(added)")
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      #expect(try ada.status(of: bob)?.path.kind == "tcp")
    }

    @Test("a peer that comes from a network with IPv4 keeps its TCP connections, and goes back")
    func moves() throws {
      let lab = try Lab()
      try lab.router("gate", .nat64, at: Self.outer, inside: "2001:db8:64")
      try lab.router("home", .cone, at: "203.0.113.10", inside: "192.168.1")
      let ada = try Peer(on: lab.host("ada", behind: "home", at: "192.168.1.2"))
      let bob = try Peer(on: lab.host("bob", at: Self.server))
      try ada.up(configuration: "nat64_prefix = \"2001:db8:64:64::/96\"\n")
      try bob.up()
      try ada.add(bob, at: Self.server, keepOpen: true)
      try bob.add(ada)
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      let shell = try SecureShell(on: bob.host)
      let session = try ada.host.startCounting(
        to: 100, at: bob.identity().address6, of: shell)
      let away = Peer(ada, on: try lab.move(ada.host, behind: "gate", at: "2001:db8:64::2"))
      try eventually("bob hears ada by the NAT64") {
        try bob.status(of: away)?.path.endpoint?.hasPrefix("\(Self.outer):") == true
      }
      let back = Peer(ada, on: try lab.move(ada.host, behind: "home", at: "192.168.1.2"))
      try eventually("bob hears ada at home") {
        try bob.status(of: back)?.path.endpoint?.hasPrefix("203.0.113.10:") == true
      }
      #expect(try session.finishCounting(to: 100))
    }
  }
}
