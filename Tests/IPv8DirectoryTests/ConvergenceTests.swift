import DirectorySimulator
import IPv8Directory
import IPv8Records
import IPv8Wire
import Testing

@Suite("Directories that meet")
struct ConvergenceTests {
  /// `count` hosts of which each added the next, with relations signed along the chain.
  static func chain(_ count: Int, seed: UInt64 = 1) -> SimulatedNetwork {
    var network = SimulatedNetwork(seed: seed)
    var settings = DirectorySettings()
    settings.friendHops = 10
    for number in 0..<count { network.add(UInt64(number), settings: settings) }
    for host in 1..<count { network.befriend(host - 1, host) }
    for host in 0..<count { network.announce(host) }
    for host in 1..<count { network.connect(host - 1, host) }
    return network
  }

  static func knowsAll(_ network: SimulatedNetwork) -> Bool {
    network.hosts.allSatisfy { host in
      network.keys.allSatisfy { host.binding(of: $0.permID) != nil }
    }
  }

  @Test("in a chain of ten know and trust each other within ten seconds", arguments: 1...3)
  func chainConverges(seed: Int) {
    var network = Self.chain(10, seed: UInt64(seed))
    network.faults.lost = 20
    let start = network.now
    let relations = 18
    let isDone = network.run(until: network.now + .seconds(10)) { network in
      Self.knowsAll(network) && network.hosts.allSatisfy { $0.size.relations == relations }
    }
    #expect(isDone, "after \((network.now - start).milliseconds) ms")
    network.run(for: .seconds(1))
    for host in network.hosts {
      for key in network.keys where key.permID != host.own { #expect(host.admits(key.permID)) }
    }
  }

  @Test("keep in their stores what they hold, and no more")
  func storesFollow() {
    var network = Self.chain(4)
    network.run(for: .seconds(10))
    for (host, stored) in zip(network.hosts, network.stored) {
      #expect(stored.bindings.count == host.size.bindings)
      #expect(stored.relations.count == host.size.relations)
      for (peer, binding) in stored.bindings { #expect(host.binding(of: peer) == binding) }
    }
  }

  @Test("agree within ten seconds after a partition heals")
  func partitionHeals() {
    var network = Self.chain(10)
    network.run(for: .seconds(20))
    network.disconnect(4, 5)
    for host in 0..<10 { network.announce(host, port: 8_000) }
    network.trust(0, 2)
    network.trust(9, 7)
    network.run(for: .seconds(120))
    #expect(network.hosts[0].binding(of: network.id(9))?.record.endpoint4?.port == 7_000)
    network.connect(4, 5)
    let isDone = network.run(until: network.now + .seconds(10)) { network in
      network.hosts.allSatisfy { host in
        host.size.relations == 20
          && network.keys.allSatisfy {
            host.binding(of: $0.permID)?.record.endpoint4?.port == 8_000
          }
      }
    }
    #expect(isDone)
  }

  @Test("say next to nothing once they agree")
  func quietWhenEqual() {
    var network = Self.chain(3)
    network.run(for: .seconds(60))
    let before = network.bytes.reduce(0, +)
    network.run(for: .seconds(3_600))
    // Two links, four scopes, a session of some 100 bytes every ten minutes at last.
    #expect(network.bytes.reduce(0, +) - before < 2 * 4 * 15 * 110)
  }

  @Test("tell a change through the chain at once, though much was told before")
  func changesTravel() {
    var network = Self.chain(10)
    network.run(for: .seconds(120))
    for port in 9_001...9_003 {
      network.announce(0, port: UInt16(port))
      let isDone = network.run(until: network.now + .seconds(10)) {
        $0.hosts[9].binding(of: $0.id(0))?.record.endpoint4?.port == UInt16(port)
      }
      #expect(isDone)
    }
  }

  @Test("go on after an interruption, and with much loss")
  func survivesLoss() {
    var network = Self.chain(5)
    network.faults.lost = 300
    network.run(for: .seconds(1))
    network.disconnect(1, 2)
    network.run(for: .seconds(1))
    network.connect(1, 2)
    network.run(for: .seconds(60))
    #expect(Self.knowsAll(network))
  }

  @Test("run the same way from the same seed")
  func deterministic() {
    func bytes() -> [UInt64] {
      var network = Self.chain(6, seed: 7)
      network.run(for: .seconds(30))
      return network.bytes
    }
    #expect(bytes() == bytes())
  }
}
