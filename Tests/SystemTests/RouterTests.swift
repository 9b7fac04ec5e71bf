import Testing

extension SystemTests {
  @Suite("Behind routers", .serialized)
  struct RouterTests {
    @Test("two peers behind port-restricted cones meet when both knock")
    func simultaneousOpen() throws {
      let lab = try Lab()
      try lab.router("home-a", .cone, at: "203.0.113.10", inside: "192.168.1")
      try lab.router("home-b", .cone, at: "203.0.113.20", inside: "192.168.2")
      let ada = try Peer(on: lab.host("ada", behind: "home-a", at: "192.168.1.2"))
      let bob = try Peer(on: lab.host("bob", behind: "home-b", at: "192.168.2.2"))
      for peer in [ada, bob] { try peer.up() }
      try ada.add(bob, at: "203.0.113.20", keepOpen: true)
      try bob.add(ada, at: "203.0.113.10", keepOpen: true)
      try eventually("both sessions are open") {
        try ada.status(of: bob)?.state == .open && bob.status(of: ada)?.state == .open
      }
      #expect(try ada.status(of: bob)?.path.endpoint == "203.0.113.20:\(Peer.port)")
      #expect(try bob.status(of: ada)?.path.endpoint == "203.0.113.10:\(Peer.port)")
      let outcome = try ada.host.run(
        "ping", "-q", "-c", "20", "-i", "0.05", try bob.identity().address6)
      #expect(outcome.output.contains("20 received"), "\(outcome)")
    }

    @Test("a peer that moves to another network keeps its TCP connections")
    func mobility() throws {
      let lab = try Lab()
      try lab.router("home", .cone, at: "203.0.113.10", inside: "192.168.1")
      try lab.router("cafe", .cone, at: "203.0.113.30", inside: "192.168.3")
      let ada = try Peer(on: lab.host("ada", behind: "home", at: "192.168.1.2"))
      let bob = try Peer(on: lab.host("bob", at: "203.0.113.40"))
      for peer in [ada, bob] { try peer.up() }
      try ada.add(bob, at: "203.0.113.40", keepOpen: true)
      try bob.add(ada)
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      let shell = try SecureShell(on: bob.host)
      let session = try ada.host.startCounting(
        to: 60, at: bob.identity().address6, of: shell)
      let moved = Peer(ada, on: try lab.move(ada.host, behind: "cafe", at: "192.168.3.2"))
      try eventually("bob hears ada from the café") {
        try bob.status(of: moved)?.path.endpoint?.hasPrefix("203.0.113.30:") == true
      }
      #expect(try session.finishCounting(to: 60))
    }
  }
}
