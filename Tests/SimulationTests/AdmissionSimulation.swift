import IPv8Crypto
import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/admission.md, on a whole network.
@Suite("Hosts that know each other by way of others")
struct AdmissionSimulation {
  /// A network in which everyone can ask who has an address, and `kind` says what whom is to whom.
  private func world(
    _ count: Int, seed: UInt64, kind: @escaping (PermID, PermID) -> PeerClass?
  ) -> (Simulation, [SimulatedHost]) {
    let simulation = Simulation(seed: seed, conditions: .clean)
    let hosts = (0..<count).map { _ in simulation.addHost() }
    let book = Dictionary(
      uniqueKeysWithValues: hosts.map {
        ($0.address, Contact(permID: $0.permID, signed: [$0.endpoint]))
      })
    for host in hosts {
      let own = host.permID
      host.oracle = SimulatedOracle(kind: { kind(own, $0) }, contact: { book[$0] })
    }
    return (simulation, hosts)
  }

  @Test("send each other packets though no user added anybody", arguments: 0..<10 as Range<UInt64>)
  func resolves(seed: UInt64) {
    let (simulation, hosts) = world(10, seed: seed) { _, _ in .trusted }
    for one in hosts {
      for two in hosts where two !== one { simulation.send([1], from: one, to: two) }
    }
    simulation.run(for: .seconds(2))
    for host in hosts {
      #expect(host.delivered.count == hosts.count - 1 && host.replies.isEmpty)
    }
    #expect(simulation.faults.isEmpty)
  }

  @Test("do so where datagrams are lost, doubled and late", arguments: 0..<10 as Range<UInt64>)
  func resolvesInBadNetworks(seed: UInt64) {
    let simulation = Simulation(seed: seed)
    let (a, b) = (simulation.addHost(), simulation.addHost())
    for (host, other) in [(a, b), (b, a)] {
      let contact = Contact(permID: other.permID, signed: [other.endpoint])
      host.oracle = SimulatedOracle(
        kind: { _ in .trusted }, contact: { $0 == other.address ? contact : nil })
    }
    var isHeard = false
    for _ in 0..<20 where !isHeard {
      simulation.send([1], from: a, to: b)
      isHeard = simulation.run(until: simulation.now + .seconds(1)) { !b.delivered.isEmpty }
    }
    #expect(isHeard && simulation.faults.isEmpty)
  }

  @Test("are told within three seconds that nobody has an address")
  func nobody() {
    let (simulation, hosts) = world(2, seed: 1) { _, _ in .trusted }
    let silent = simulation.addHost()
    simulation.send([1], from: hosts[0], to: silent)
    #expect(hosts[0].replies.count == 1, "who is asked knows at once")
    hosts[1].oracle = nil
    simulation.send([1], from: hosts[1], to: silent)
    simulation.run(for: .milliseconds(2_900))
    #expect(hosts[1].replies.isEmpty)
    simulation.run(for: .milliseconds(200))
    #expect(hosts[1].replies.count == 1)
  }

  @Test("let a stranger's session open, and none of its packets pass, either way")
  func strangers() {
    let (simulation, hosts) = world(2, seed: 2) { _, _ in .stranger }
    simulation.introduce(hosts[0], to: hosts[1])
    simulation.send([1], from: hosts[0], to: hosts[1])
    simulation.run(for: .seconds(2))
    #expect(hosts[0].node.openPeers.count == 1)
    #expect(hosts[1].delivered.isEmpty && hosts[1].lane.counters.stranger == 1)
    simulation.send([2], from: hosts[1], to: hosts[0])
    simulation.run(for: .seconds(4))
    #expect(hosts[0].delivered.isEmpty && hosts[1].replies.count == 1)
    // Somebody vouches for it: the open session serves.
    let contact = Contact(permID: hosts[0].permID)
    hosts[1].admit(contact, as: .trusted, at: simulation.moment, &simulation.network)
    simulation.send([3], from: hosts[0], to: hosts[1])
    simulation.run(for: .seconds(1))
    #expect(hosts[1].delivered.map(\.last) == [3])
  }

  @Test("stay silent to who is not let in")
  func silence() {
    let (simulation, hosts) = world(2, seed: 3) { _, _ in nil }
    simulation.introduce(hosts[0], to: hosts[1])
    for _ in 0..<10 {
      simulation.send([1], from: hosts[0], to: hosts[1])
      simulation.run(for: .seconds(1))
    }
    #expect(simulation.network.sentDatagrams[hosts[1].endpoint] ?? 0 == 0)
    #expect(hosts[1].node.counters.stranger > 1 && hosts[1].node.counters.inquiries <= 2)
  }

  @Test(
    "go on where the one that let them know each other is gone", arguments: 0..<5 as Range<UInt64>)
  func withoutBootstrap(seed: UInt64) {
    let (simulation, hosts) = world(6, seed: seed) { _, _ in .trusted }
    for host in hosts.dropFirst() { simulation.introduce(host, to: hosts[0], keepOpen: true) }
    simulation.run(for: .seconds(1))
    simulation.network.unplugged.insert(hosts[0].endpoint)
    for one in hosts.dropFirst() {
      for two in hosts.dropFirst() where two !== one { simulation.send([1], from: one, to: two) }
    }
    simulation.run(for: .seconds(3))
    for host in hosts.dropFirst() { #expect(host.delivered.count == 4) }
  }
}
