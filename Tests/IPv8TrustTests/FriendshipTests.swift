import IPv8Trust
import IPv8Wire
import TestVectors
import Testing
import TrustScenarios

/// docs/protocol/relations.md, "Friendship paths".
@Suite("Friendship paths")
struct FriendshipTests {
  private static func graph(
    _ random: inout TestRandom, peers: Int, edges: Int, weights: UInt32 = 9
  ) -> RelationGraph {
    var seeded = SeededRandom(seed: random.next())
    return RelationGraph(
      peerCount: peers,
      edges: HonestGraph.anyEdges(
        peerCount: peers, edgeCount: edges, weights: weights, using: &seeded))
  }

  private static func isPath(_ path: FriendshipPath, on graph: RelationGraph) -> Bool {
    Set(path.peers).count == path.peers.count
      && path.weakest.weight == Oracle.width(path.peers, on: graph)
      && path.weakest.weight > 0
      && graph.weight(path.weakest.source, path.weakest.target) == path.weakest.weight
  }

  @Test("are as short and as strong as the best of all paths there are")
  func best() throws {
    var random = TestRandom("Friendship paths")
    var search = FriendshipSearch()
    for round in 0..<150 {
      var graph = Self.graph(&random, peers: 9, edges: 8 + round % 20)
      if round % 3 == 2 { graph.block(4) }
      for target in PeerNumber(1)..<9 {
        let all = Oracle.paths(from: 0, to: target, on: graph, hops: 9)
        let shortest = search.shortest(from: 0, to: target, on: graph)
        let strongest = search.strongest(from: 0, to: target, on: graph)
        #expect(shortest?.hops == all.map { $0.count - 1 }.min())
        #expect(strongest?.weakest.weight == all.map { Oracle.width($0, on: graph) }.max())
        for path in [shortest, strongest].compactMap({ $0 }) {
          #expect(Self.isPath(path, on: graph) && path.isProven)
          #expect(path.peers.first == 0 && path.peers.last == target)
        }
      }
    }
  }

  @Test("are the strongest in a large graph, or three quarters as strong where that is not proven")
  func strength() throws {
    var seeded = SeededRandom(seed: 5)
    let edges = HonestGraph.edges(peerCount: 3_000, links: 4, using: &seeded)
    let graph = RelationGraph(peerCount: 3_000, edges: edges)
    let widths = Oracle.widths(from: 2_999, on: graph)
    var search = FriendshipSearch(provingEdges: 200)
    var (proven, unproven) = (0, 0)
    for target in PeerNumber(2_000)..<2_500 {
      let found = search.strongest(from: 2_999, to: target, on: graph)
      let path = try #require(found)
      #expect(Self.isPath(path, on: graph))
      if path.isProven {
        #expect(path.weakest.weight == widths[Int(target)])
        proven += 1
      } else {
        #expect(path.weakest.weight * 4 >= widths[Int(target)] * 3)
        unproven += 1
      }
    }
    #expect(proven > 50 && unproven > 50)
  }

  @Test("that share no peer are as many as there can be, the first of them the shortest")
  func disjoint() {
    var random = TestRandom("Disjoint paths")
    var search = FriendshipSearch()
    for round in 0..<300 {
      var graph = Self.graph(&random, peers: 8, edges: 10 + round % 9)
      if round % 3 == 2 { graph.block(4) }
      for target in PeerNumber(1)..<8 {
        let most = Oracle.mostDisjoint(from: 0, to: target, on: graph)
        for count in 1...3 {
          let paths = search.disjoint(from: 0, to: target, count: count, on: graph)
          #expect(paths.count == min(count, most))
          #expect(paths.allSatisfy { Self.isPath($0, on: graph) })
          let between = paths.flatMap { $0.peers.dropFirst().dropLast() }
          #expect(Set(between).count == between.count)
          #expect(!between.contains(4) || round % 3 != 2)
          #expect(Set(paths.map(\.peers)).count == paths.count)
          let hops = paths.map(\.hops)
          #expect(hops == hops.sorted())
        }
      }
    }
  }

  @Test("are led around each other where the shortest one stands in the way of two")
  func trap() {
    // 0-1-2-7 is shortest and uses both 1 and 2, which two paths need apart.
    let edges = [
      Edge(0, 1, weight: 9), Edge(1, 2, weight: 9), Edge(2, 7, weight: 9), Edge(0, 3, weight: 5),
      Edge(3, 4, weight: 5), Edge(4, 2, weight: 5), Edge(1, 5, weight: 4), Edge(5, 6, weight: 4),
      Edge(6, 7, weight: 4),
    ]
    let graph = RelationGraph(peerCount: 8, edges: edges)
    var search = FriendshipSearch()
    #expect(search.shortest(from: 0, to: 7, on: graph)?.peers == [0, 1, 2, 7])
    let paths = search.disjoint(from: 0, to: 7, count: 2, on: graph)
    #expect(Set(paths.map(\.peers)) == [[0, 3, 4, 2, 7], [0, 1, 5, 6, 7]])
  }

  @Test("end at the limit of edges looked at")
  func limit() {
    var seeded = SeededRandom(seed: 3)
    let edges = HonestGraph.edges(peerCount: 3_000, links: 4, using: &seeded)
    let graph = RelationGraph(peerCount: 3_000, edges: edges)
    var tiny = FriendshipSearch(edgeLimit: 4)
    #expect(tiny.shortest(from: 2_999, to: 2_998, on: graph) == nil)
    var small = FriendshipSearch(edgeLimit: 300)
    var full = FriendshipSearch()
    var unproven = 0
    for target in PeerNumber(2_900)..<2_990 {
      guard let path = small.strongest(from: 2_999, to: target, on: graph) else { continue }
      let best = full.strongest(from: 2_999, to: target, on: graph)
      #expect(path.weakest.weight <= best?.weakest.weight ?? 0)
      if !path.isProven { unproven += 1 }
    }
    #expect(unproven > 0)
  }

  @Test("do not exist to oneself, to blocked peers and to numbers of nobody")
  func none() {
    var graph = RelationGraph(
      peerCount: 3, edges: [Edge(0, 1, weight: 1), Edge(1, 2, weight: 1)])
    var search = FriendshipSearch()
    for target: PeerNumber in [0, 3, -1] {
      #expect(search.shortest(from: 0, to: target, on: graph) == nil)
      #expect(search.strongest(from: 0, to: target, on: graph) == nil)
      #expect(search.disjoint(from: 0, to: target, count: 2, on: graph).isEmpty)
    }
    #expect(search.shortest(from: 2, to: 0, on: graph) == nil, "trust has a direction")
    graph.block(2)
    #expect(search.shortest(from: 0, to: 2, on: graph) == nil)
  }
}
