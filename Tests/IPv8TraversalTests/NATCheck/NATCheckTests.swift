import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "NAT check".
@Suite("The NAT check")
struct NATCheckTests {
  private static let dependences:
    [(NATBehaviour.Dependence, MappingBehaviour, FilteringBehaviour)] =
      [
        (.nothing, .endpointIndependent, .endpointIndependent),
        (.address, .addressDependent, .addressDependent),
        (.addressAndPort, .addressAndPortDependent, .addressAndPortDependent),
      ]
  private static let allocations: [(NATBehaviour.Allocation, PortAllocation)] = [
    (.preserving, .preserving), (.sequential(1), .sequential(step: 1)),
    (.sequential(2), .sequential(step: 2)), (.sequential(-1), .sequential(step: -1)),
    (.random, .unpredictable),
  ]

  /// All 45 combinations of mapping, filtering and allocation.
  private static func everyNAT(
    _ body: (NATBehaviour, MappingBehaviour, FilteringBehaviour, PortAllocation) throws -> Void
  ) rethrows {
    for (mapping, mappingTruth, _) in dependences {
      for (filtering, _, filteringTruth) in dependences {
        for (allocation, allocationTruth) in allocations {
          try body(
            NATBehaviour(mapping, filtering, allocation), mappingTruth, filteringTruth,
            allocationTruth)
        }
      }
    }
  }

  private struct World {
    let internet: NATInternet
    let agent: CheckAgent
    let outer: IPAddress

    func run() -> NetworkReport {
      let agent = agent
      internet.run(until: internet.now + .seconds(60)) { agent.isDone }
      return agent.report
    }
  }

  private static let inner = IPAddress.v4(IPv4Address(0xc0a8_010a))

  private static func world(
    _ behaviour: NATBehaviour?, _ servers: [ServerAgent], seed: UInt64,
    carrier: NATBehaviour? = nil
  ) -> World {
    let internet = NATInternet(seed: seed)
    for server in servers { internet.addHost(server, at: server.addresses) }
    let outer = IPAddress.v4(IPv4Address(0x0505_0505))
    var realm = NATInternet.Realm.internet
    if let carrier { realm = internet.addNAT(carrier, at: outer, in: realm) }
    if let behaviour {
      realm = internet.addNAT(
        behaviour, at: carrier == nil ? outer : .v4(IPv4Address(0x6440_0105)), in: realm)
    }
    let address = behaviour?.translates == true ? inner : .v4(IPv4Address(0x0706_0504))
    let agent = CheckAgent(at: address, reporters: servers.map(\.reporter), seed: seed)
    internet.addHost(agent, at: [address], in: realm)
    return World(internet: internet, agent: agent, outer: outer)
  }

  @Test("finds mapping, filtering and allocation of every NAT")
  func everyKind() {
    var seed: UInt64 = 1
    Self.everyNAT { behaviour, mapping, filtering, allocation in
      seed += 1
      let world = Self.world(behaviour, (1...3).map { ServerAgent($0) }, seed: seed)
      let report = world.run()
      #expect(world.agent.isDone)
      #expect(report.mapping == mapping, "\(behaviour)")
      #expect(report.filtering == filtering, "\(behaviour)")
      #expect(report.allocation == allocation, "\(behaviour)")
      #expect(report.externalAddress == world.outer)
      #expect((report.external == nil) == mapping.isDependent)
      #expect(report.kind == NATKind(isTranslated: true, mapping: mapping, filtering: filtering))
      #expect(report.dissenting == [] && report.reportersAnswered == 3)
    }
  }

  @Test("needs one whole server, and says no more than it knows without")
  func fewReporters() {
    Self.everyNAT { behaviour, mapping, filtering, _ in
      let report = Self.world(behaviour, [ServerAgent(1)], seed: 5).run()
      #expect(report.mapping == mapping && report.filtering == filtering, "\(behaviour)")
      // Two servers of one endpoint each: the mapping's kind shows, the filter does not.
      let plain = Self.world(
        behaviour, (1...2).map { ServerAgent($0, isWhole: false) }, seed: 6
      ).run()
      #expect(plain.mapping == (mapping.isDependent ? .endpointDependent : mapping))
      #expect(plain.filtering == nil)
      let one = Self.world(behaviour, [ServerAgent(1, isWhole: false)], seed: 7).run()
      #expect(one.mapping == nil && one.externalAddress != nil)
    }
  }

  @Test(
    "tells the network without a NAT and the firewall from the others",
    arguments: [(nil, NATKind.open), (NATBehaviour.firewall, .firewall)]
      as [(NATBehaviour?, NATKind)]
  )
  func untranslated(behaviour: NATBehaviour?, kind: NATKind) {
    let world = Self.world(behaviour, (1...3).map { ServerAgent($0) }, seed: 3)
    let report = world.run()
    #expect(report.kind == kind && report.isTranslated == false)
    #expect(report.external == report.local && report.hairpin == nil)
  }

  @Test("says that UDP is blocked where nobody answers, within 5 s")
  func blocked() {
    let world = Self.world(.blocked, (1...3).map { ServerAgent($0) }, seed: 4)
    let start = world.internet.now
    let report = world.run()
    #expect(report.kind == .blocked && world.internet.now - start < .seconds(5))
  }

  @Test("finds whether the NAT hairpins")
  func hairpin() {
    Self.everyNAT { behaviour, mapping, _, _ in
      for hairpins in [true, false] {
        var behaviour = behaviour
        behaviour.hairpin = hairpins
        let report = Self.world(behaviour, (1...3).map { ServerAgent($0) }, seed: 8).run()
        #expect(report.hairpin == (mapping.isDependent ? nil : hairpins), "\(behaviour)")
      }
    }
  }

  @Test("sees through two levels of NAT what both do together")
  func carrier() {
    let report = Self.world(
      .fullCone, (1...3).map { ServerAgent($0) }, seed: 9, carrier: .symmetric
    ).run()
    #expect(report.kind == .symmetric && report.mapping == .addressAndPortDependent)
    let cone = Self.world(
      .restrictedCone, (1...3).map { ServerAgent($0) }, seed: 9, carrier: .portRestrictedCone
    ).run()
    #expect(cone.kind == .portRestrictedCone)
    #expect(cone.isBehindCarrier(router: .v4(IPv4Address(0x6440_0105))))
  }

  @Test("is not led astray by fewer than half of the reporters, whatever they say")
  func liars() {
    var random = TestRandom("Lying reporters")
    let colluding = Endpoint(.v4(IPv4Address(0x0909_0909)), port: 999)
    for round in 0..<120 {
      let count = 3 + Int(random.next() % 6)
      let liarCount = Int(random.next() % UInt64((count + 1) / 2))
      let style = random.next() % 4
      let salt: UInt16 = random.integer()
      let lie: ServerAgent.Lie = { seen in
        switch style {
        case 0: colluding
        case 1: Endpoint(seen.address, port: seen.port ^ salt)
        case 2: Endpoint(.v4(IPv4Address(UInt32(salt) << 16 | 7)), port: seen.port)
        default: nil
        }
      }
      let order = (0..<count).shuffled(using: &random)
      let servers = order.map { ServerAgent($0 + 1, lie: $0 < liarCount ? lie : nil) }
      let behaviour: NATBehaviour = [
        .fullCone, .restrictedCone, .portRestrictedCone, .symmetric, .addressSymmetric,
      ][round % 5]
      let world = Self.world(behaviour, servers, seed: UInt64(round))
      let report = world.run()
      let truth: NATKind = [
        .fullCone, .restrictedCone, .portRestrictedCone, .symmetric, .symmetric,
      ][round % 5]
      #expect(report.kind == truth, "\(liarCount) of \(count), style \(style), round \(round)")
      if truth != .symmetric {
        #expect(report.external?.address == world.outer)
        if style < 2, salt != 0 { #expect(report.dissenting.count >= liarCount) }
      }
    }
  }

  @Test("counts many addresses of one operator as one voice")
  func oneOperator() {
    let lie: ServerAgent.Lie = { Endpoint($0.address, port: 1) }
    // Five servers of the neighbourhood 9, which lie, and two that do not.
    let internet = NATInternet(seed: 1)
    let honest = [ServerAgent(1), ServerAgent(2)]
    let liars = (0..<5).map { _ in ServerAgent(9, isWhole: false, lie: lie) }
    for server in honest { internet.addHost(server, at: server.addresses) }
    var reporters = honest.map(\.reporter)
    for (number, liar) in liars.enumerated() {
      let endpoint = Endpoint(
        .v4(IPv4Address(0x2009_0001 + UInt32(number))), port: liar.endpoints[0].port)
      internet.addHost(
        Renumbered(liar, as: endpoint), at: [endpoint.address])
      reporters.append(Reporter(endpoint))
    }
    let realm = internet.addNAT(.portRestrictedCone, at: .v4(IPv4Address(0x0505_0505)))
    let agent = CheckAgent(at: Self.inner, reporters: reporters, seed: 1)
    internet.addHost(agent, at: [Self.inner], in: realm)
    internet.run(until: internet.now + .seconds(60)) { agent.isDone }
    #expect(agent.report.kind == .portRestrictedCone)
    #expect(agent.report.dissenting.count == 5)
  }

  @Test("gets the filter from peers that have others send", arguments: [0.0, 0.2])
  func peers(loss: Double) {
    var seed: UInt64 = 20
    var wrong = 0
    Self.everyNAT { behaviour, mapping, filtering, _ in
      seed += 1
      let servers = (1...3).map { ServerAgent($0, isWhole: false, isPeer: true) }
      let world = Self.world(behaviour, servers, seed: seed)
      world.internet.loss = loss
      let end = world.internet.now + .seconds(60)
      while !world.agent.isDone, world.internet.now < end {
        world.internet.run(until: end) { world.agent.isDone || !world.agent.orders.isEmpty }
        for order in world.agent.takeOrders() {
          let stranger = Endpoint(.v4(IPv4Address(0x4040_0001)), port: 5)
          let source =
            order.origin == .stranger ? stranger : Endpoint(order.peer.address, port: 6_000)
          let probe = P2TPHeader(sop: false, first: 77, second: 0).bytes
          for _ in 0..<3 {
            world.internet.send([NATDatagram(probe, from: source, to: order.target)], in: .internet)
          }
          world.agent.confirm(order)
        }
      }
      let report = world.agent.report
      let isRight =
        report.filtering == filtering && report.mapping?.isDependent == mapping.isDependent
      if loss == 0 { #expect(isRight, "\(behaviour)") }
      if !isRight { wrong += 1 }
    }
    #expect(wrong <= 2)
  }

  @Test("works with what sessions report, without any server")
  func sessionsOnly() {
    let world = Self.world(.symmetric, [], seed: 2)
    let seen = Endpoint(world.outer, port: 4_000)
    for number in 1...3 as ClosedRange<UInt32> {
      let peer = Endpoint(.v4(IPv4Address(number << 24 | 1)), port: 9)
      world.agent.note(seen, by: peer)
      #expect(world.agent.report.external == seen)
    }
    #expect(world.agent.report.mapping == .endpointIndependent)
    // A peer of the same network sees us from within, which says nothing.
    world.agent.note(
      Endpoint(Self.inner, port: 41_641), by: Endpoint(.v4(IPv4Address(0xc0a8_0114)), port: 9))
    #expect(world.agent.report.reportersAnswered == 3)
    for number in 1...3 as ClosedRange<UInt32> {
      let peer = Endpoint(.v4(IPv4Address(number << 24 | 1)), port: 9)
      world.agent.note(Endpoint(world.outer, port: UInt16(4_000 + number)), by: peer)
    }
    #expect(world.agent.report.mapping == .endpointDependent)
    #expect(world.agent.report.externalAddress == world.outer)
  }

  @Test("is right for most NATs where a tenth of all datagrams is lost, and wrong never for long")
  func loss() {
    var wrong = 0
    var seed: UInt64 = 100
    Self.everyNAT { behaviour, mapping, filtering, _ in
      seed += 1
      let world = Self.world(behaviour, (1...4).map { ServerAgent($0) }, seed: seed)
      world.internet.loss = 0.1
      let report = world.run()
      if report.mapping != mapping || report.filtering != filtering { wrong += 1 }
    }
    #expect(wrong <= 1)
  }

  @Test("sends a bounded number of datagrams, and closes what it opened")
  func budget() {
    for count in [0, 1, 8, 40] {
      let servers = (1...max(count, 1)).prefix(count).map { ServerAgent($0) }
      let world = Self.world(.portRestrictedCone, servers, seed: 10)
      _ = world.run()
      #expect(world.agent.isDone && world.agent.sockets.endpoints.count == 1)
      #expect(world.agent.sockets.sent <= 80 && world.agent.sockets.mostOpen <= 14)
    }
  }
}
