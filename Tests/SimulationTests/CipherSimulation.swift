import IPv8Crypto
import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/handshake.md: a session's suite is one that both offer.
@Suite("Peers of different ciphers")
struct CipherSimulation {
  /// What a and b offer, and what their sessions use.
  struct Offers: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let offers: (AEADOffer, AEADOffer)
    let suite: AEADSuite
  }

  static let everyOffer = [
    Offers(
      testDescription: "ChaCha20 meets what this machine has",
      offers: (.chaCha20Poly1305, .local), suite: .chaCha20Poly1305),
    Offers(
      testDescription: "what this machine has meets ChaCha20",
      offers: (.local, .chaCha20Poly1305), suite: .chaCha20Poly1305),
    Offers(
      testDescription: "both have what this machine has", offers: (.local, .local),
      suite: AEADOffer.local.contains(.aes256GCM) ? .aes256GCM : .chaCha20Poly1305),
  ]

  /// Over five minutes, so that sessions follow each other, whoever calls; on a network that loses,
  /// doubles and reorders.
  @Test(
    "exchange packets on the suite that both have", arguments: everyOffer,
    1...4 as ClosedRange<UInt64>)
  func exchange(_ offers: Offers, seed: UInt64) {
    let simulation = Simulation(
      seed: seed, conditions: LinkConditions(loss: 0.01, duplication: 0.05, reordering: 0.05))
    let a = simulation.addHost(aeadOffer: offers.offers.0)
    let b = simulation.addHost(aeadOffer: offers.offers.1)
    simulation.introduce(a, to: b)
    simulation.introduce(b, to: a)
    var suites: Set<String> = []
    simulation.afterStep = {
      for host in [a, b] {
        for index in host.node.peers.keys {
          if let suite = host.lane.report(index).suite { suites.insert(suite) }
        }
      }
    }
    var random = SeededRandom(seed: seed)
    var sent: [Set<[UInt8]>] = [[], []]
    for number in 0..<1_500 as Range<UInt32> {
      for (index, pair) in [(a, b), (b, a)].enumerated() {
        var payload: [UInt8] = []
        payload.append(bigEndian: number)
        payload += (0..<Int.random(in: 0...1_200, using: &random)).map {
          UInt8(truncatingIfNeeded: $0)
        }
        sent[index].insert(
          InnerPacket.v6(from: pair.0.address, to: pair.1.address, payload: payload))
        simulation.send(payload, from: pair.0, to: pair.1)
      }
      simulation.run(for: .milliseconds(200))
    }
    simulation.run(for: .seconds(1))
    #expect(suites == [offers.suite.name])
    for (index, host) in [b, a].enumerated() {
      let delivered = Set(host.delivered)
      #expect(delivered.count == host.delivered.count, "each once")
      #expect(delivered.isSubset(of: sent[index]))
      // What was lost, and the first packets while nobody had a session.
      #expect(delivered.count > 1_400)
      #expect(host.notes.count { if case .opened = $0 { true } else { false } } > 2)
      #expect(host.lane.counters.forged == 0)
    }
    #expect(simulation.faults.isEmpty)
  }
}
