import IPv8Crypto
import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import Testing

/// docs/protocol/traversal.md: ordinary peers and servers, whole.
@Suite("The observer of a network")
struct NetworkObserverTests {
  private static let inner = IPAddress.v4(IPv4Address(0xc0a8_010a))
  private static let outer = IPAddress.v4(IPv4Address(0x0505_0505))

  private struct World {
    let internet: NATInternet
    let host: ObserverAgent
    let peers: [ObserverAgent]

    func runUntilChecked(within seconds: Int64 = 30) -> NetworkView {
      let host = host
      internet.run(for: .milliseconds(1))
      internet.run(until: internet.now + .seconds(seconds)) { !host.view.isChecking }
      return host.view
    }

    /// Opens sessions between the host and the first `count` peers, told to both.
    func openSessions(_ count: Int) {
      let open = peers.prefix(count).enumerated().map {
        OpenPeer(PeerIndex($0.offset), at: $0.element.endpoint)
      }
      host.tell { observer, _ in observer.setPeers(open, at: internet.now) }
      for peer in peers {
        let back = OpenPeer(PeerIndex(0), at: Endpoint(outer, port: 4_000))
        peer.tell { observer, _ in observer.setPeers([back], at: internet.now) }
      }
    }
  }

  private static func world(
    _ behaviour: NATBehaviour, peers: Int, seed: UInt64, cache: LifetimeCache = LifetimeCache(),
    measures: Bool = false
  ) -> World {
    let internet = NATInternet(seed: seed)
    let peers = (1...max(peers, 1)).map { number in
      ObserverAgent(at: .v4(IPv4Address(UInt32(number) << 24 | 1)), seed: seed + UInt64(number))
    }
    for peer in peers { internet.addHost(peer, at: [peer.endpoint.address]) }
    let realm = internet.addNAT(behaviour, at: outer)
    let host = ObserverAgent(at: inner, seed: seed, cache: cache, measuresLifetimes: measures)
    internet.addHost(host, at: [inner], in: realm)
    return World(internet: internet, host: host, peers: peers)
  }

  @Test("finds the mapping with ordinary peers, which answer each other's requests")
  func ordinaryPeers() {
    let kinds: [(NATBehaviour, MappingBehaviour)] = [
      (.fullCone, .endpointIndependent), (.portRestrictedCone, .endpointIndependent),
      (.symmetric, .endpointDependent), (.addressSymmetric, .endpointDependent),
    ]
    for (behaviour, mapping) in kinds {
      let world = Self.world(behaviour, peers: 3, seed: 1)
      world.internet.run(for: .milliseconds(10))
      world.openSessions(3)
      let view = world.runUntilChecked()
      let report = view.report(.v4)
      #expect(report?.mapping == mapping)
      #expect(report?.externalAddress == Self.outer && report?.reportersAnswered == 3)
      #expect((view.outer(.v4) == nil) == mapping.isDependent)
      #expect(world.peers.allSatisfy { $0.counters.answered > 0 })
    }
  }

  @Test("without anybody to ask says that nothing is known, and sends nothing")
  func nobody() {
    let world = Self.world(.portRestrictedCone, peers: 0, seed: 2)
    let view = world.runUntilChecked()
    #expect(view.report(.v4)?.kind == .unknown && view.report(.v4)?.reportersAsked == 0)
    #expect(world.host.sent == 0 && view.keepaliveInterval == .seconds(25))
  }

  @Test("is checked as soon as the first peer can be asked, though nobody could a moment ago")
  func firstReporter() {
    let world = Self.world(.portRestrictedCone, peers: 3, seed: 8)
    world.internet.run(for: .seconds(1))
    #expect(!world.host.view.isChecking && world.host.sent == 0)
    world.openSessions(3)
    world.internet.run(for: .seconds(1))
    #expect(world.host.sent > 0)
  }

  @Test("learns from sessions alone where it is seen")
  func observations() {
    let world = Self.world(.portRestrictedCone, peers: 2, seed: 3)
    world.internet.run(for: .seconds(1))
    let seen = Endpoint(Self.outer, port: 77)
    // The peers of this world answer nothing: they are somewhere else.
    let open = [1, 2].map {
      OpenPeer(PeerIndex($0), at: Endpoint(.v4(IPv4Address(UInt32($0) << 24 | 99)), port: 9))
    }
    world.host.tell { observer, _ in
      observer.setPeers(open, at: world.internet.now)
      for peer in open { observer.note(seen, by: peer.index, at: world.internet.now) }
    }
    let view = world.runUntilChecked()
    #expect(view.outer(.v4) == seen && view.report(.v4)?.mapping == .endpointIndependent)
  }

  @Test("checks again when it learns of more voices, a few times at most")
  func voices() {
    let world = Self.world(.portRestrictedCone, peers: 8, seed: 4)
    world.internet.run(for: .seconds(1))
    for count in 1...8 {
      world.openSessions(count)
      world.internet.run(for: .seconds(60))
    }
    #expect(world.host.view.report(.v4)?.mapping == .endpointIndependent)
    // Three checks of at most 21 sockets, with less than 30 datagrams each.
    #expect(world.host.sent < 200)
  }

  @Test("a network that changes every 100 ms is checked every 10 s at most")
  func noStorm() {
    let world = Self.world(.portRestrictedCone, peers: 3, seed: 5)
    world.internet.run(for: .milliseconds(10))
    world.openSessions(3)
    for step in 0..<600 as Range<UInt32> {
      let endpoint = world.host.endpoint
      let network = LocalNetwork(
        endpoints: [endpoint], endpoint4: endpoint, gateway4: IPv4Address(step % 2 + 1))
      world.host.tell { observer, actions in
        observer.setNetwork(network, at: world.internet.now, into: &actions)
      }
      world.internet.run(for: .milliseconds(100))
    }
    #expect(world.host.sent < 8 * 60)
    #expect(world.runUntilChecked().report(.v4)?.mapping == .endpointIndependent)
  }

  @Test("notices by a peer's word that its mapping is another now")
  func movedMapping() {
    let world = Self.world(.portRestrictedCone, peers: 3, seed: 6)
    world.internet.run(for: .milliseconds(10))
    world.openSessions(3)
    let before = world.runUntilChecked()
    #expect(before.outer(.v4) != nil)
    world.internet.run(for: .seconds(20))
    let moved = Endpoint(Self.outer, port: 999)
    world.host.tell { observer, _ in
      observer.note(moved, by: PeerIndex(0), at: world.internet.now)
    }
    #expect(world.host.view.isChecking)
    let after = world.runUntilChecked()
    #expect(after.outer(.v4) == before.outer(.v4))
  }

  @Test("measures lifetimes once for each network, and keeps what it measured", arguments: [5, 20])
  func lifetimes(seconds: Int64) throws {
    var behaviour = NATBehaviour.portRestrictedCone
    behaviour.established = .seconds(seconds)
    behaviour.unreplied = .seconds(seconds)
    let world = Self.world(behaviour, peers: 3, seed: 7, measures: true)
    world.internet.run(for: .milliseconds(10))
    world.openSessions(3)
    _ = world.runUntilChecked()
    #expect(world.host.needsIdentity)
    let start = world.internet.now
    let identity = NetworkIdentity([1, 2, 3])
    world.host.tell { observer, _ in
      observer.identify(identity, at: ObserverAgent.moment(world.internet.now))
    }
    let host = world.host
    world.internet.run(until: start + .seconds(400)) { host.view.lifetimes != nil }
    let took = world.internet.now - start
    let measured = try #require(host.view.lifetimes?.established)
    #expect(measured.alive <= seconds && measured.alive >= seconds - 5, "\(measured)")
    #expect(took < .seconds(2 * max(seconds, 10) + 50), "\(took)")
    #expect(host.view.keepaliveInterval < .seconds(seconds))
    let entry = try #require(host.takeMeasured())
    #expect(entry.network == identity && entry.lifetimes == host.view.lifetimes)

    // The same network later: nothing is measured.
    let again = Self.world(
      behaviour, peers: 3, seed: 8, cache: LifetimeCache([entry]), measures: true)
    again.internet.run(for: .milliseconds(10))
    again.openSessions(3)
    _ = again.runUntilChecked()
    again.internet.run(for: took)
    again.host.tell { observer, _ in
      observer.identify(identity, at: ObserverAgent.moment(again.internet.now))
    }
    let sent = again.host.sent
    again.internet.run(for: .seconds(300))
    #expect(again.host.view.lifetimes == entry.lifetimes && again.host.sent == sent)
  }
}
