import IPv8Trust
import IPv8Wire
import TestVectors
import Testing
import TrustScenarios

/// docs/protocol/relations.md, "Scores".
@Suite("MeritRank")
struct MeritRankTests {
  private static func graph(
    _ random: inout TestRandom, peers: Int, edges: Int
  ) -> RelationGraph {
    var seeded = SeededRandom(seed: random.next())
    return RelationGraph(
      peerCount: peers,
      edges: HonestGraph.anyEdges(peerCount: peers, edgeCount: edges, using: &seeded))
  }

  private static func scores(_ rank: MeritRank, _ graph: RelationGraph) -> [Double] {
    (0..<PeerNumber(graph.peerCount)).map { rank.score(of: $0, on: graph) }
  }

  @Test("comes to each peer as often as power iteration says, blocked peers included")
  func exact() {
    var random = TestRandom("MeritRank reach")
    for round in 0..<4 {
      var graph = Self.graph(&random, peers: 12, edges: 40)
      if round % 2 == 1 { graph.block(5) }
      var parameters = MeritRank.Parameters()
      parameters.walkCount = 40_000
      parameters.transitivityDecay = [0.4, 0.2][round / 2]
      var rank = MeritRank(observer: 0, seed: random.next(), parameters: parameters)
      rank.compute(on: graph)
      for peer in PeerNumber(1)..<12 {
        let exact = Oracle.reach(
          of: peer, from: 0, on: graph, decay: parameters.transitivityDecay)
        // Five standard deviations of the walks' share.
        let tolerance = 5 * (exact * (1 - exact) / 40_000).squareRoot() + 1e-4
        #expect(abs(rank.reach(of: peer) - exact) < tolerance, "\(peer)")
      }
    }
  }

  @Test("updated is what it would be computed anew, to the last bit")
  func incremental() throws {
    var random = TestRandom("MeritRank update")
    for _ in 0..<6 {
      var graph = Self.graph(&random, peers: 60, edges: 240)
      var parameters = MeritRank.Parameters()
      parameters.walkCount = 500
      let seed = random.next()
      var rank = MeritRank(observer: 0, seed: seed, parameters: parameters)
      rank.compute(on: graph)
      for _ in 0..<25 {
        var changed: [PeerNumber] = []
        if random.oneIn(4), let peer = graph.addPeer() {
          try graph.set(Edge(0, peer, weight: 500))
          changed.append(0)
        }
        for _ in 0..<(1 + random.next() % 8) {
          let peers = UInt64(graph.peerCount)
          let (a, b) = (PeerNumber(random.next() % peers), PeerNumber(random.next() % peers))
          if random.oneIn(8), a != 0 {
            graph.block(a, !graph.isBlocked(a))
          } else if a != b {
            try graph.set(Edge(a, b, weight: random.oneIn(3) ? 0 : UInt32(random.next() % 900)))
          }
          changed.append(a)
        }
        rank.update(on: graph, changed: changed)
        var fresh = MeritRank(observer: 0, seed: seed, parameters: parameters)
        fresh.compute(on: graph)
        #expect(Self.scores(rank, graph) == Self.scores(fresh, graph))
        #expect(rank.ranking(on: graph) == fresh.ranking(on: graph))
      }
    }
  }

  @Test("is the same for one seed and graph, and about the same for another seed")
  func determinism() {
    var random = TestRandom("MeritRank determinism")
    let graph = Self.graph(&random, peers: 50, edges: 300)
    let (one, other) = (random.next(), random.next())
    var ranks = [one, one, other].map { MeritRank(observer: 3, seed: $0) }
    for i in ranks.indices { ranks[i].compute(on: graph) }
    #expect(Self.scores(ranks[0], graph) == Self.scores(ranks[1], graph))
    #expect(Self.scores(ranks[0], graph) != Self.scores(ranks[2], graph))
    for peer in PeerNumber(0)..<50 where peer != 3 {
      #expect(abs(ranks[0].reach(of: peer) - ranks[2].reach(of: peer)) < 0.05)
    }
  }

  @Test("gives one's own friends their share, and takes β from who stands behind a bridge")
  func bridges() {
    // 0 trusts 1 and 2 alike; 3 is trusted by both, 4 by 1 alone.
    let graph = RelationGraph(
      peerCount: 5,
      edges: [
        Edge(0, 1, weight: 10), Edge(0, 2, weight: 10), Edge(1, 3, weight: 10),
        Edge(2, 3, weight: 10), Edge(1, 4, weight: 10),
      ])
    var rank = MeritRank(observer: 0, seed: 7)
    rank.compute(on: graph)
    #expect(rank.bridge(to: 1) == nil && rank.bridge(to: 3) == nil)
    #expect(abs(rank.score(of: 1, on: graph) - 0.5) < 0.03)
    // 1 goes on with 0.6 to one of two, 2 with 0.6 to one.
    #expect(abs(rank.score(of: 3, on: graph) - 0.45) < 0.03)
    let bridge = rank.bridge(to: 4)
    #expect(bridge?.peer == 1 && bridge?.share == 1)
    #expect(abs(rank.reach(of: 4) - 0.15) < 0.02)
    #expect(abs(rank.score(of: 4, on: graph) - 0.1 * rank.reach(of: 4)) < 1e-12)
    #expect(rank.score(of: 0, on: graph) == 1)
  }

  @Test("a blocked peer has no score, and nothing comes through it")
  func blocks() {
    var graph = RelationGraph(
      peerCount: 4, edges: [Edge(0, 1, weight: 1), Edge(1, 2, weight: 1), Edge(0, 3, weight: 1)])
    var rank = MeritRank(observer: 0, seed: 1)
    rank.compute(on: graph)
    let before = rank.score(of: 3, on: graph)
    #expect(rank.score(of: 1, on: graph) > 0 && rank.score(of: 2, on: graph) > 0)
    graph.block(1)
    rank.update(on: graph, changed: [1])
    #expect(rank.score(of: 1, on: graph) == 0 && rank.score(of: 2, on: graph) == 0)
    #expect(rank.score(of: 3, on: graph) == before, "others gain nothing by it")
    graph.block(1, false)
    rank.update(on: graph, changed: [1])
    #expect(rank.score(of: 2, on: graph) > 0)
  }

  @Test("tells the paths that make a score, the strongest first, and their weakest links")
  func evidence() {
    let graph = RelationGraph(
      peerCount: 4,
      edges: [
        Edge(0, 1, weight: 30), Edge(0, 2, weight: 10), Edge(1, 3, weight: 5),
        Edge(2, 3, weight: 20),
      ])
    var rank = MeritRank(observer: 0, seed: 2)
    rank.compute(on: graph)
    let evidence = rank.evidence(for: 3, on: graph, limit: 5)
    #expect(evidence.map(\.path) == [[0, 1, 3], [0, 2, 3]])
    #expect(abs((evidence.first?.share ?? 0) - 0.75) < 0.03)
    #expect(abs(evidence.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    #expect(evidence.map(\.weakest) == [Edge(1, 3, weight: 5), Edge(0, 2, weight: 10)])
    #expect(rank.evidence(for: 3, on: graph, limit: 1).count == 1)
  }

  @Test("ranks, and finds the threshold that admits so many")
  func thresholds() {
    var random = TestRandom("MeritRank thresholds")
    let graph = Self.graph(&random, peers: 200, edges: 1_500)
    var rank = MeritRank(observer: 0, seed: random.next())
    rank.compute(on: graph)
    let ranking = rank.ranking(on: graph)
    #expect(ranking == rank.ranking(on: graph, except: 0))
    let scores = ranking.places.map(\.score)
    #expect(scores == scores.sorted(by: >) && !scores.contains(0))
    for count in [1, 10, 50] {
      let threshold = ranking.threshold(admitting: count)
      #expect(scores.filter { $0 >= threshold }.count >= count)
      #expect(scores.filter { $0 > threshold }.count < count)
    }
    #expect(ranking.threshold(admitting: 0) == .infinity)
    #expect(ranking.threshold(admitting: 10_000) == scores.last)
  }
}
