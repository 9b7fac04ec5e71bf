import BenchmarkTables
import IPv8Trust
import IPv8Wire
import TrustScenarios

/// What each attack gains with each function: the hostile peers' part of all scores, and the best one's
/// place.
struct Sybils {
  static let honestCount = 2_000
  static let graphs = 6

  private static let functions: [(String, @Sendable (PeerNumber, UInt64) -> any TrustFunction)] =
    [
      ("meritrank", { MeritRank(observer: $0, seed: $1) }),
      (
        "without β",
        { observer, seed in
          var parameters = MeritRank.Parameters()
          parameters.connectivityDecay = 0
          return MeritRank(observer: observer, seed: seed, parameters: parameters)
        }
      ),
      ("maxflow, 2 hops", { observer, _ in BoundedFlow(observer: observer) }),
      ("maxflow, 3 hops", { observer, _ in BoundedFlow(observer: observer, hopLimit: 3) }),
      ("betweenness", { SampledBetweenness(observer: $0, seed: $1, sourceCount: 400) }),
    ]

  static func table(seed: UInt64) -> String {
    var rows = [["attack"] + functions.flatMap { ["\($0.0), %", "best at"] }]
    for attack in Attack.all {
      var gains = [[Scenario.Gain]](repeating: [], count: functions.count)
      for graph in 0..<UInt64(graphs) {
        var random = SeededRandom(seed: seed &+ graph)
        let honest = HonestGraph.edges(peerCount: honestCount, links: 4, using: &random)
        let scenario = Scenario(
          attack, honest: honest, honestCount: honestCount, seed: random.next())
        for (i, function) in functions.enumerated() {
          gains[i].append(scenario.gain(of: function.1(scenario.observer, random.next())))
        }
      }
      rows.append(
        [attack.name]
          + gains.flatMap { gains in
            let shares = gains.map { $0.share * 100 }
            let ranks = gains.map { Double($0.rank) }
            return [
              "\(text(shares.min() ?? 0))–\(text(shares.max() ?? 0))",
              "\(text(ranks.min() ?? 0))–\(text(ranks.max() ?? 0))",
            ]
          })
    }
    return BenchmarkTables.table(rows)
  }
}
