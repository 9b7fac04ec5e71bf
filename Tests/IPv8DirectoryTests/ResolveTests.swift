import DirectorySimulator
import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Wire
import Testing

@Suite("Questions for addresses")
struct ResolveTests {
  /// Hosts 0 to 3 in a chain, of which only the last knows the peer with key 50.
  static func network(knowing last: Int = 3) -> (SimulatedNetwork, SignedBinding) {
    var network = ConvergenceTests.chain(5)
    network.run(for: .seconds(20))
    let binding = SimulatedIdentity.binding(SimulatedIdentity.key(50), at: network.moment.wall)
    // No news of it: frames of synchronisation are too late for the question.
    network.with(last) { $0.offer(binding.bytes, from: .file, at: $1) }
    return (network, binding)
  }

  static func resolve(
    _ network: inout SimulatedNetwork, _ host: Int, _ peer: PermID, within time: Interval
  ) -> PermID?? {
    let address = OverlayAddress(of: peer)
    network.with(host) { $0.resolve(address, at: $1) }
    _ = network.run(until: network.now + time) { !$0.resolved[host].isEmpty }
    return network.resolved[host].first { $0.address == address }.map(\.peer)
  }

  @Test("go over three sessions, and the answer comes back verified")
  func threeHops() {
    var (network, binding) = Self.network()
    let peer = binding.record.permID
    #expect(Self.resolve(&network, 0, peer, within: .milliseconds(500)) == .some(peer))
    #expect(network.hosts[0].binding(of: peer) == binding)
  }

  @Test("go no further")
  func fourHops() {
    var (network, binding) = Self.network(knowing: 4)
    let address = OverlayAddress(of: binding.record.permID)
    network.with(0) { $0.resolve(address, at: $1) }
    network.run(for: .milliseconds(450))
    #expect(network.hosts[4].counters.queriesAnswered == 0)
  }

  @Test("that nobody can answer end, and at once the second time")
  func unknown() {
    var (network, _) = Self.network()
    let peer = SimulatedIdentity.key(77).permID
    let start = network.now
    #expect(Self.resolve(&network, 0, peer, within: .seconds(4)) == .some(nil))
    #expect(network.now - start <= .seconds(3))
    network.with(0) { $0.resolve(OverlayAddress(of: peer), at: $1) }
    #expect(network.resolved[0].count == 2)
  }

  @Test("end after three seconds where peers are silent")
  func silence() {
    var (network, _) = Self.network()
    network.faults.lost = 1_000
    let start = network.now
    #expect(
      Self.resolve(&network, 0, SimulatedIdentity.key(77).permID, within: .seconds(9)) == .some(nil)
    )
    #expect((.milliseconds(2_900)...Interval.milliseconds(3_100)).contains(network.now - start))
  }

  @Test("are answered at once where the binding is known")
  func known() {
    var (network, _) = Self.network()
    #expect(Self.resolve(&network, 0, network.id(4), within: .zero) == .some(network.id(4)))
  }

  @Test("believe no forged answer, and none that was not asked for")
  func forged() {
    var (network, binding) = Self.network()
    let peer = binding.record.permID
    var bytes = binding.bytes
    bytes[bytes.count - 1] ^= 1
    let verifications = network.hosts[0].counters.verifications
    for request in 0..<100 {
      network.inject(
        ControlFrame(.answer, body: AnswerMessage(request: UInt64(request), binding: bytes).body),
        from: 1, to: 0)
    }
    network.run(for: .milliseconds(60))
    #expect(network.hosts[0].counters.verifications == verifications)
    #expect(network.hosts[0].binding(of: peer) == nil)
  }

  @Test("of a peer that floods are dropped")
  func flood() {
    var (network, _) = Self.network()
    for request in 0..<1_000 {
      let query = QueryMessage(
        request: UInt64(request), hops: 2,
        address: OverlayAddress(of: SimulatedIdentity.key(UInt64(100 + request % 50)).permID))
      network.inject(ControlFrame(.query, body: query.body), from: 0, to: 1)
    }
    network.run(for: .milliseconds(200))
    #expect(network.hosts[1].counters.queriesDropped >= 960)
    #expect(network.hosts[1].counters.queriesPassed <= 40)
  }

  @Test("do not run in circles")
  func circles() {
    var network = SimulatedNetwork(seed: 1)
    for number in 0..<4 { network.add(UInt64(number)) }
    for a in 0..<4 { for b in 0..<a { network.befriend(a, b) } }
    for a in 0..<4 { for b in 0..<a { network.connect(a, b) } }
    network.run(for: .seconds(10))
    let address = OverlayAddress(of: SimulatedIdentity.key(77).permID)
    network.with(0) { $0.resolve(address, at: $1) }
    network.run(for: .seconds(3))
    #expect(network.resolved[0].count == 1)
    // Of three that are asked each asks two others once.
    #expect(network.hosts.reduce(0) { $0 + $1.counters.queriesPassed } <= 9)
  }

  @Test("of strangers are answered and not passed on")
  func strangers() {
    var (network, binding) = Self.network()
    let stranger = network.add(500)
    network.connect(stranger, 0)
    network.run(for: .milliseconds(300))
    let passed = network.hosts[0].counters.queriesPassed
    network.with(stranger) { $0.resolve(OverlayAddress(of: binding.record.permID), at: $1) }
    network.run(for: .milliseconds(300))
    #expect(network.hosts[0].counters.queriesPassed == passed)
  }

  @Test("have one form each")
  func messages() {
    let query = QueryMessage(
      request: 0x0102_0304_0506_0708, hops: 2,
      address: OverlayAddress(of: SimulatedIdentity.key(1).permID))
    #expect(QueryMessage(query.body) == query)
    #expect(query.body.count == 23)
    #expect(QueryMessage(query.body + [0]) == nil)
    var tooFar = query.body
    tooFar[8] = 3
    #expect(QueryMessage(tooFar) == nil)
    let answer = AnswerMessage(request: 9, binding: [1, 2, 3])
    #expect(AnswerMessage(answer.body) == answer)
    #expect(AnswerMessage([1, 2, 3]) == nil)
  }
}
