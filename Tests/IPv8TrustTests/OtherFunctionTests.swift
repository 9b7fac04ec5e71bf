import IPv8Trust
import IPv8Wire
import TestVectors
import Testing
import TrustScenarios

@Suite("Max-flow and betweenness")
struct OtherFunctionTests {
  private static func graph(_ random: inout TestRandom, peers: Int, edges: Int) -> RelationGraph {
    var seeded = SeededRandom(seed: random.next())
    return RelationGraph(
      peerCount: peers,
      edges: HonestGraph.anyEdges(
        peerCount: peers, edgeCount: edges, weights: 20, using: &seeded))
  }

  @Test("without a bound the flow is the least cut")
  func leastCut() {
    var random = TestRandom("Flow")
    for _ in 0..<60 {
      let graph = Self.graph(&random, peers: 8, edges: 24)
      let flow = BoundedFlow(observer: 0, hopLimit: 8)
      for peer in PeerNumber(1)..<8 {
        #expect(flow.flow(to: peer, on: graph) == Oracle.leastCut(from: 0, to: peer, on: graph))
      }
    }
  }

  @Test("the flow of the shortest path is led around where it stands in the way of two")
  func rerouting() {
    let edges = [(0, 1), (1, 2), (2, 7), (0, 3), (3, 4), (4, 2), (1, 5), (5, 6), (6, 7)]
    let graph = RelationGraph(
      peerCount: 8, edges: edges.map { Edge(PeerNumber($0.0), PeerNumber($0.1), weight: 3) })
    let flow = BoundedFlow(observer: 0, hopLimit: 8)
    #expect(flow.flow(to: 7, on: graph) == 6)
    let paths = flow.evidence(for: 7, on: graph, limit: 9).map(\.path)
    #expect(Set(paths) == [[0, 3, 4, 2, 7], [0, 1, 5, 6, 7]])
  }

  @Test("over two hops the flow is the sum of the paths of one and two edges")
  func twoHops() {
    var random = TestRandom("Flow over two hops")
    for round in 0..<60 {
      var graph = Self.graph(&random, peers: 12, edges: 50)
      if round % 2 == 1 { graph.block(4) }
      let flow = BoundedFlow(observer: 0, hopLimit: 2)
      for peer in PeerNumber(1)..<12 {
        let paths = Oracle.paths(from: 0, to: peer, on: graph, hops: 2)
        let sum = paths.reduce(UInt64(0)) { $0 + UInt64(Oracle.width($1, on: graph)) }
        #expect(flow.flow(to: peer, on: graph) == sum)
        let evidence = flow.evidence(for: peer, on: graph, limit: 50)
        #expect(Set(evidence.map(\.path)) == Set(paths))
      }
    }
  }

  @Test("no path of the flow is longer than the bound, and all together they are the flow")
  func bounded() {
    var random = TestRandom("Bounded flow")
    for _ in 0..<60 {
      let graph = Self.graph(&random, peers: 10, edges: 30)
      let all = graph.edges(from: 0).reduce(0.0) { $0 + Double($1.weight) }
      var last = [Double](repeating: 0, count: 10)
      for hops in 2...4 {
        let flow = BoundedFlow(observer: 0, hopLimit: hops)
        for peer in PeerNumber(1)..<10 {
          let score = flow.score(of: peer, on: graph)
          #expect(score <= 1 && (hops == 2 || hops > 3 || score >= last[Int(peer)]))
          #expect(abs(score * all - Double(flow.flow(to: peer, on: graph))) < 1e-6)
          last[Int(peer)] = score
          let evidence = flow.evidence(for: peer, on: graph, limit: 100)
          #expect(evidence.isEmpty || abs(evidence.reduce(0) { $0 + $1.share } - 1) < 1e-9)
        }
      }
    }
  }

  @Test("betweenness from all sources counts the shortest chains, as counting them does")
  func betweenness() {
    var random = TestRandom("Betweenness")
    for _ in 0..<20 {
      let graph = Self.graph(&random, peers: 8, edges: 18)
      var function = SampledBetweenness(observer: 0, seed: 1, sourceCount: 8)
      function.compute(on: graph)
      let exact = Oracle.betweenness(on: graph)
      for peer in PeerNumber(1)..<8 {
        #expect(abs(function.score(of: peer, on: graph) - exact[Int(peer)]) < 1e-9)
      }
    }
  }

  @Test("betweenness from a sample is near that from all, and the same for the same seed")
  func sample() {
    var random = TestRandom("Sampled betweenness")
    var seeded = SeededRandom(seed: random.next())
    let edges = HonestGraph.edges(peerCount: 300, links: 3, using: &seeded)
    let graph = RelationGraph(peerCount: 300, edges: edges)
    func scores(_ sources: Int) -> [Double] {
      var function = SampledBetweenness(observer: 299, seed: 5, sourceCount: sources)
      function.compute(on: graph)
      return (0..<299).map { function.score(of: $0, on: graph) }
    }
    let (all, sampled) = (scores(300), scores(100))
    #expect(sampled == scores(100))
    let error = zip(all, sampled).map { abs($0 - $1) }.max() ?? 1
    #expect(error < (all.max() ?? 0) / 4)
  }
}
