import IPv8Trust
import IPv8Wire
import TestVectors
import Testing
import TrustScenarios

/// docs/protocol/relations.md, "Graph" and "Limits".
@Suite("The graph of relations")
struct RelationGraphTests {
  private static func edges(of graph: RelationGraph) -> [Edge] {
    (0..<PeerNumber(graph.peerCount)).flatMap { graph.edges(from: $0) }
  }

  @Test("holds what a dictionary holds, however edges come and go, in both directions")
  func model() throws {
    var random = TestRandom("RelationGraph")
    for _ in 0..<20 {
      var graph = RelationGraph()
      var model: [[PeerNumber]: UInt32] = [:]
      for _ in 0..<30 { _ = graph.addPeer() }
      for _ in 0..<2_000 {
        let (a, b) = (PeerNumber(random.next() % 30), PeerNumber(random.next() % 30))
        guard a != b else { continue }
        let weight = random.oneIn(3) ? 0 : UInt32(random.next() % 100)
        #expect(try graph.set(Edge(a, b, weight: weight)) == model[[a, b]] ?? 0)
        model[[a, b]] = weight == 0 ? nil : weight
      }
      let expected = model.map { Edge($0.key[0], $0.key[1], weight: $0.value) }
      #expect(Set(Self.edges(of: graph)) == Set(expected) && graph.edgeCount == expected.count)
      let incoming = (0..<PeerNumber(30)).flatMap { graph.edges(to: $0) }
      #expect(Set(incoming) == Set(expected) && incoming.count == expected.count)
      let built = RelationGraph(peerCount: 30, edges: expected.shuffled(using: &random))
      #expect(Self.edges(of: built) == Self.edges(of: graph), "the same order too")
      #expect((0..<30).allSatisfy { built.edges(to: $0) == graph.edges(to: $0) })
    }
  }

  @Test("built at once keeps the last of several edges between two, and no impossible one")
  func build() {
    let graph = RelationGraph(
      peerCount: 3,
      edges: [
        Edge(0, 1, weight: 5), Edge(0, 1, weight: 7), Edge(1, 1, weight: 1),
        Edge(2, 3, weight: 1), Edge(-1, 0, weight: 1), Edge(2, 0, weight: 4),
        Edge(2, 0, weight: 0),
      ])
    #expect(Self.edges(of: graph) == [Edge(0, 1, weight: 7)])
    #expect(graph.edges(to: 1) == [Edge(0, 1, weight: 7)] && graph.edges(to: 0).isEmpty)
  }

  @Test("has limits on peers, edges and the edges of one signer")
  func limits() throws {
    var limits = RelationGraph.Limits()
    limits.peers = 6
    limits.edges = 5
    limits.edgesOfSigner = 3
    var graph = RelationGraph(peerCount: 5, limits: limits)
    #expect(graph.addPeer() == 5 && graph.addPeer() == nil)
    for target in PeerNumber(1)...3 { try graph.set(Edge(0, target, weight: 1)) }
    #expect(throws: RelationGraph.Refusal.signerIsFull) { try graph.set(Edge(0, 4, weight: 1)) }
    try graph.set(Edge(0, 3, weight: 9))
    for target in PeerNumber(2)...3 { try graph.set(Edge(1, target, weight: 1)) }
    #expect(throws: RelationGraph.Refusal.graphIsFull) { try graph.set(Edge(2, 3, weight: 1)) }
    try graph.set(Edge(0, 1, weight: 0))
    try graph.set(Edge(2, 3, weight: 1))
    for edge in [Edge(0, 0, weight: 1), Edge(0, 6, weight: 1), Edge(-1, 0, weight: 1)] {
      #expect(throws: RelationGraph.Refusal.badPeer) { try graph.set(edge) }
    }
    let built = RelationGraph(
      peerCount: 6, edges: (1..<6).map { Edge(0, $0, weight: 1) }, limits: limits)
    #expect(built.edges(from: 0).map(\.target) == [1, 2, 3])
  }

  @Test("does not grow when edges come and go for long")
  func memory() throws {
    var random = TestRandom("RelationGraph memory")
    var graph = RelationGraph(peerCount: 2_000)
    var most = 0
    for round in 0..<300 {
      // Each round another signer has many edges, and then none.
      let source = PeerNumber(random.next() % 2_000)
      for target in PeerNumber(0)..<1_000 where target != source {
        try graph.set(Edge(source, target, weight: 1))
      }
      for target in PeerNumber(0)..<1_000 where target != source {
        try graph.set(Edge(source, target, weight: 0))
      }
      if round == 100 { most = graph.byteCount }
    }
    #expect(graph.edgeCount == 0 && graph.byteCount <= 2 * most)
    #expect(graph.byteCount < 8_000_000)
  }

  @Test("loses all edges of a peer that is evicted, and says whose changed")
  func isolation() throws {
    var graph = RelationGraph(
      peerCount: 4,
      edges: [
        Edge(0, 1, weight: 1), Edge(1, 2, weight: 1), Edge(2, 1, weight: 1), Edge(2, 3, weight: 1),
      ])
    graph.block(1)
    #expect(Set(graph.isolate(1)) == [0, 1, 2])
    #expect(Self.edges(of: graph) == [Edge(2, 3, weight: 1)] && !graph.isBlocked(1))
    #expect(graph.blockedCount == 0 && graph.edges(to: 2).isEmpty)
  }
}
