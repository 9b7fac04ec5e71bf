import Testing

extension SystemTests {
  /// The lab itself: a router that did not behave as its type says would prove nothing.
  @Suite("The lab", .serialized)
  struct LabTests {
    /// What RFC 4787 calls the behaviour of a router type.
    struct Behaviour: Equatable {
      let keepsMapping: Bool
      let admitsOtherPort: Bool
      let admitsOtherAddress: Bool
    }

    static let behaviours: [(Lab.RouterType, Behaviour)] = [
      (.cone, Behaviour(keepsMapping: true, admitsOtherPort: false, admitsOtherAddress: false)),
      (.fullCone, Behaviour(keepsMapping: true, admitsOtherPort: true, admitsOtherAddress: true)),
      (
        .restricted,
        Behaviour(keepsMapping: true, admitsOtherPort: true, admitsOtherAddress: false)
      ),
      (
        .symmetric,
        Behaviour(keepsMapping: false, admitsOtherPort: false, admitsOtherAddress: false)
      ),
      (
        .firewall,
        Behaviour(keepsMapping: true, admitsOtherPort: false, admitsOtherAddress: false)
      ),
    ]

    @Test("a router maps and filters as its type says", arguments: behaviours)
    func router(type: Lab.RouterType, expected: Behaviour) throws {
      let lab = try Lab()
      let friend = try lab.host("friend", at: "203.0.113.1")
      let stranger = try lab.host("stranger", at: "203.0.113.2")
      try lab.router("home", type, at: "203.0.113.3", inside: "10.9.0")
      let inside = try NamespaceSocket(
        on: lab.host("inside", behind: "home", at: "10.9.0.2"), port: 4_000)
      let server = try NamespaceSocket(on: friend, port: 3_478)
      let other = try NamespaceSocket(on: stranger, port: 3_478)

      try inside.send([1], to: friend.underlay, port: 3_478)
      let mapped = try #require(server.receive())
      try NamespaceSocket(on: friend).send([2], to: mapped.address, port: mapped.port)
      try other.send([3], to: mapped.address, port: mapped.port)
      // The friend's answer always gets in, and whatever was let in before it came before it.
      try server.send([4], to: mapped.address, port: mapped.port)
      var admitted: [UInt8] = []
      while let datagram = inside.receive(), datagram.bytes != [4] { admitted += datagram.bytes }

      try inside.send([5], to: stranger.underlay, port: 3_478)
      let mappedAgain = try #require(other.receive())
      let found = Behaviour(
        keepsMapping: mapped.address == mappedAgain.address && mapped.port == mappedAgain.port,
        admitsOtherPort: admitted.contains(2), admitsOtherAddress: admitted.contains(3))
      #expect(found == expected)
    }

    @Test("a blocked network lets no UDP out, and TCP to port 80")
    func blocked() throws {
      let lab = try Lab()
      let server = try lab.host("server", at: "203.0.113.1")
      try lab.router("office", .blocked, at: "203.0.113.3", inside: "10.9.0")
      let inside = try lab.host("inside", behind: "office", at: "10.9.0.2")
      let capture = try Capture(on: server)
      try NamespaceSocket(on: inside).send([1], to: server.underlay, port: 3_478)
      let web = try server.start("iperf3", "-s", "-1", "-p", "80")
      try eventually("the server listens") {
        try server.run("ss", "-Hltn").output.contains(":80 ")
      }
      let outcome = try inside.run("iperf3", "-c", server.underlay, "-p", "80", "-n", "1M")
      #expect(outcome.succeeded, "\(outcome)")
      #expect(try web.finish().succeeded)
      #expect(try capture.stopAndParse().isEmpty)
    }

    @Test("a lab leaves no namespace behind")
    func removal() throws {
      var lab: Lab? = try Lab()
      let prefix = try #require(lab?.prefix)
      _ = try lab?.linkedHosts()
      let namespaces = { try Command(["ip", "netns", "list"], in: "/tmp").finish().output }
      #expect(try namespaces().contains(prefix))
      lab = nil
      #expect(try !namespaces().contains(prefix))
    }
  }
}
