import Testing

extension SystemTests {
  /// The lab itself: a router that did not behave as its type says would prove nothing.
  @Suite("The lab", .serialized)
  struct LabTests {
    /// What RFC 4787 calls the behaviour of a router type: what a mapping and a filter depend on.
    enum Dependence { case nothing, address, addressAndPort }
    struct Behaviour: Equatable {
      let mapping: Dependence
      let filtering: Dependence
    }

    static let behaviours: [(Lab.RouterType, Behaviour)] = [
      (.cone, Behaviour(mapping: .nothing, filtering: .addressAndPort)),
      (.fullCone, Behaviour(mapping: .nothing, filtering: .nothing)),
      (.restricted, Behaviour(mapping: .nothing, filtering: .address)),
      (.symmetric, Behaviour(mapping: .addressAndPort, filtering: .addressAndPort)),
      (.sequential, Behaviour(mapping: .addressAndPort, filtering: .addressAndPort)),
      (.addressSymmetric, Behaviour(mapping: .address, filtering: .address)),
      (.firewall, Behaviour(mapping: .nothing, filtering: .addressAndPort)),
    ]

    /// Two servers, one with two ports, and a host behind a router of a type.
    struct Probe {
      let inside: NamespaceSocket
      let server: NamespaceSocket
      let secondPort: NamespaceSocket
      let stranger: NamespaceSocket
      let friend: Host
      let other: Host

      init(_ type: Lab.RouterType, twice: Bool = false) throws {
        let lab = try Lab()
        friend = try lab.host("friend", at: "203.0.113.1")
        other = try lab.host("stranger", at: "203.0.113.2")
        try lab.router("first", type, at: "203.0.113.3", inside: twice ? "100.64.1" : "10.9.0")
        if twice {
          try lab.router("home", type, at: "100.64.1.2", inside: "10.9.0", behind: "first")
        }
        let host = try lab.host("inside", behind: twice ? "home" : "first", at: "10.9.0.2")
        inside = try NamespaceSocket(on: host, port: 4_000)
        server = try NamespaceSocket(on: friend, port: 3_478)
        secondPort = try NamespaceSocket(on: friend, port: 3_479)
        stranger = try NamespaceSocket(on: other, port: 3_478)
      }

      /// Where the inside's datagrams to these places seem to come from.
      func mapped(at host: Host, _ port: UInt16, _ socket: NamespaceSocket) throws
        -> (address: String, port: UInt16)
      {
        try inside.send([1], to: host.underlay, port: port)
        let found = try #require(socket.receive())
        return (found.address, found.port)
      }

      func behaviour() throws -> Behaviour {
        let first = try mapped(at: friend, 3_478, server)
        try secondPort.send([2], to: first.address, port: first.port)
        try stranger.send([3], to: first.address, port: first.port)
        // The server's answer always gets in, and whatever was let in before it came before it.
        try server.send([4], to: first.address, port: first.port)
        var admitted: [UInt8] = []
        while let datagram = inside.receive(), datagram.bytes != [4] { admitted += datagram.bytes }
        let again = try mapped(at: friend, 3_479, secondPort)
        let elsewhere = try mapped(at: other, 3_478, stranger)
        return Behaviour(
          mapping: first == elsewhere ? .nothing : first == again ? .address : .addressAndPort,
          filtering: admitted.contains(3)
            ? .nothing : admitted.contains(2) ? .address : .addressAndPort)
      }
    }

    @Test("a router maps and filters as its type says", arguments: behaviours)
    func router(type: Lab.RouterType, expected: Behaviour) throws {
      #expect(try Probe(type).behaviour() == expected)
    }

    @Test("two routers behind each other behave as one", arguments: [behaviours[0], behaviours[1]])
    func carrier(type: Lab.RouterType, expected: Behaviour) throws {
      #expect(try Probe(type, twice: true).behaviour() == expected)
    }

    @Test("a sequential router takes the next port for each mapping")
    func sequence() throws {
      let probe = try Probe(.sequential)
      let ports = try [
        probe.mapped(at: probe.friend, 3_478, probe.server).port,
        probe.mapped(at: probe.friend, 3_479, probe.secondPort).port,
        probe.mapped(at: probe.other, 3_478, probe.stranger).port,
      ]
      #expect(ports == [ports[0], ports[0] + 1, ports[0] + 2])
    }

    @Test("a router that reboots forgets", arguments: [Lab.RouterType.cone, .fullCone])
    func reboot(type: Lab.RouterType) throws {
      let probe = try Probe(type)
      let mapped = try probe.mapped(at: probe.friend, 3_478, probe.server)
      try probe.server.send([1], to: mapped.address, port: mapped.port)
      #expect(probe.inside.receive()?.bytes == [1])
      try probe.friend.lab.reboot("first")
      try probe.server.send([2], to: mapped.address, port: mapped.port)
      #expect(probe.inside.receive(within: 0.3) == nil)
    }

    @Test("a mapping lives as long as the lab says")
    func lifetime() throws {
      let probe = try Probe(.cone)
      try probe.friend.lab.lifetime(of: "first", unreplied: 1, established: 60)
      let mapped = try probe.mapped(at: probe.friend, 3_478, probe.server)
      try eventually("the router forgets the mapping") {
        try probe.friend.lab.flows(through: "first", to: probe.friend.underlay) == 0
      }
      try probe.server.send([1], to: mapped.address, port: mapped.port)
      #expect(probe.inside.receive(within: 0.3) == nil)
    }

    @Test("a cut cable loses everything, a mended one nothing; a renumbered host is reached anew")
    func cable() throws {
      let lab = try Lab()
      let server = try lab.host("server", at: "203.0.113.1")
      try lab.router("home", .cone, at: "203.0.113.3", inside: "10.9.0")
      let inside = try lab.host("inside", behind: "home", at: "10.9.0.2")
      for host in [server, inside] {
        #expect(try inside.reaches("203.0.113.1"))
        try lab.cut(host)
        #expect(try !inside.reaches("203.0.113.1"))
        try lab.mend(host)
      }
      _ = try lab.renumber(server, to: "203.0.113.9")
      let moved = try lab.renumber(inside, to: "10.9.0.7")
      #expect(try moved.reaches("203.0.113.9"))
      #expect(try !moved.reaches("203.0.113.1"))
      try lab.unplug(moved)
      #expect(try !moved.has(interface: "eth0"))
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
