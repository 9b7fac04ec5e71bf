import IPv8Trust
import IPv8Wire
import Testing
import TrustScenarios

/// docs/benchmarks/trust.md, "What attacks gain", on smaller graphs.
@Suite("What attackers gain")
struct SybilTests {
  private static let honestCount = 600

  /// Of four graphs with seeds of their own.
  private static func gains(
    _ attack: Attack, of function: (PeerNumber) -> any TrustFunction
  ) -> [Scenario.Gain] {
    (UInt64(1)...4).map { seed in
      var random = SeededRandom(seed: seed)
      let honest = HonestGraph.edges(peerCount: honestCount, links: 4, using: &random)
      let scenario = Scenario(attack, honest: honest, honestCount: honestCount, seed: seed + 100)
      return scenario.gain(of: function(scenario.observer))
    }
  }

  private static func total(
    _ attack: Attack, of function: (PeerNumber) -> any TrustFunction
  ) -> Double {
    gains(attack, of: function).reduce(0) { $0 + $1.total }
  }

  private static func meritRank(beta: Double = 0.9) -> (PeerNumber) -> MeritRank {
    { observer in
      var parameters = MeritRank.Parameters()
      parameters.connectivityDecay = beta
      return MeritRank(observer: observer, seed: 9, parameters: parameters)
    }
  }

  private static func flow(_ observer: PeerNumber) -> any TrustFunction {
    BoundedFlow(observer: observer, hopLimit: 3)
  }

  private static func betweenness(_ observer: PeerNumber) -> any TrustFunction {
    SampledBetweenness(observer: observer, seed: 9, sourceCount: 200)
  }

  /// A friend of the observer trusts the attacker, which has so many fake peers.
  private static func near(_ fakes: Int, _ shape: Attack.Shape = .star) -> Attack {
    Attack("near").with {
      $0.fakes = fakes
      $0.shape = shape
      $0.isNear = true
      $0.attackEdges = 1
    }
  }

  @Test(
    "by fake peers of any shape: of walks no more than what follows the attacker's own score",
    arguments: Attack.Shape.allCases)
  func walks(shape: Attack.Shape) {
    let alone = Self.total(Self.near(0), of: Self.meritRank(beta: 0))
    #expect(alone > 0)
    for fakes in [20, 1_000] {
      let many = Self.total(Self.near(fakes, shape), of: Self.meritRank(beta: 0))
      // After the attacker a walk makes (1 - α) / α = 1.5 steps on average.
      #expect(many < alone * (1 + 1.5) * 1.1, "\(fakes)")
      let decayed = Self.total(Self.near(fakes, shape), of: Self.meritRank())
      #expect(decayed < many / 4, "β takes most of it")
    }
  }

  @Test("by fake peers: of max-flow in proportion to them")
  func flow() {
    let (few, many) = (
      Self.total(Self.near(20), of: Self.flow), Self.total(Self.near(400), of: Self.flow)
    )
    #expect(few > 0 && many > 15 * few)
  }

  @Test("by fake peers: of betweenness the first place")
  func betweenness() {
    let few = Self.gains(Attack("alone"), of: Self.betweenness)
    let many = Self.gains(Attack("star").with { $0.fakes = 200 }, of: Self.betweenness)
    #expect(few.allSatisfy { $0.rank > 300 })
    #expect(many.allSatisfy { $0.rank <= 3 })
  }

  @Test("by collusion: no more with fake peers than without, of walks")
  func collusion() {
    let alone = Attack("collusion").with {
      $0.attackers = 10
      $0.attackEdges = 30
    }
    let mesh = alone.with {
      $0.fakes = 300
      $0.shape = .mesh
    }
    let (few, many) = (
      Self.total(alone, of: Self.meritRank()), Self.total(mesh, of: Self.meritRank())
    )
    #expect(few > 0 && many < 1.5 * few)
    #expect(Self.total(mesh, of: Self.betweenness) > 5 * Self.total(alone, of: Self.betweenness))
  }

  @Test("by buying edges: more with each, as an honest peer would")
  func buying() {
    let gains = [1, 10, 100].map { edges in
      Self.total(
        Attack("bought").with {
          $0.attackEdges = edges
          $0.fakes = 100
        }, of: Self.meritRank())
    }
    #expect(gains[0] < gains[1] && gains[1] < gains[2])
  }

  @Test("by coming again under another name: nothing of walks and flow, all of betweenness")
  func whitewashing() {
    let attack = Attack("whitewashed").with {
      $0.fakes = 200
      $0.isWhitewashing = true
    }
    #expect(Self.total(attack, of: Self.meritRank()) == 0)
    #expect(Self.total(attack, of: Self.flow) == 0)
    #expect(Self.total(attack, of: Self.betweenness) > 0)
  }
}
