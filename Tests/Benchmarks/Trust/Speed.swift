import BenchmarkTables
import IPv8Trust
import IPv8Wire
import TrustScenarios

/// Times and memory of one size of graph.
struct Speed {
  static let head = [
    "peers", "edges", "graph MB", "build s", "first ms", "peers scored", "ranking ms",
    "batch p50 ms", "batch p99 ms", "batch max ms", "own edge ms", "walks MB",
  ]
  static let pathHead = [
    "peers", "shortest p50 µs", "p99", "max", "hops", "strongest p50", "p99", "max", "hops",
    "proven, %", "3 disjoint p50", "p99", "max", "found", "hops",
  ]
  static let otherHead = [
    "peers", "maxflow 2 hops p50 µs", "p99", "maxflow 3 hops p50 µs", "p99",
    "betweenness, a source ms",
  ]

  let row: [String]
  let pathRow: [String]
  let otherRow: [String]

  init(peerCount: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let edges = HonestGraph.edges(peerCount: peerCount, links: 4, using: &random)
    var graph = RelationGraph()
    let build = milliseconds { graph = RelationGraph(peerCount: peerCount, edges: edges) }
    let observer = PeerNumber(random.next() % UInt64(peerCount))
    let walks = Self.walks(&graph, observer, &random)
    row =
      [
        "\(peerCount)", "\(graph.edgeCount)", text(Double(graph.byteCount) / 1e6),
        text(build / 1e3),
      ] + walks
    pathRow = ["\(peerCount)"] + Self.paths(graph, &random)
    otherRow = ["\(peerCount)"] + Self.others(graph, observer, seed, &random)
  }

  private static func walks(
    _ graph: inout RelationGraph, _ observer: PeerNumber, _ random: inout SeededRandom
  ) -> [String] {
    var rank = MeritRank(observer: observer, seed: random.next())
    var firsts: [Double] = []
    for _ in 0..<5 { firsts.append(milliseconds { rank.compute(on: graph) }) }
    var scored = 0
    let ranking = milliseconds { scored = rank.ranking(on: graph).places.count }
    var batches: [Double] = []
    for batch in 0..<400 {
      // Half of the batches where they cost most: edges of peers that walks visit.
      let near = rank.ranking(on: graph, nearest: batch % 2 == 1 ? 1_000 : 0)
      var changed: [PeerNumber] = []
      let edges = (0..<100).map { _ in edge(graph, near, &random) }
      batches.append(
        milliseconds {
          for edge in edges where (try? graph.set(edge)) != nil { changed.append(edge.source) }
          rank.update(on: graph, changed: changed)
        })
    }
    var own: [Double] = []
    for _ in 0..<20 {
      let target = PeerNumber(random.next() % UInt64(graph.peerCount))
      own.append(
        milliseconds {
          _ = try? graph.set(Edge(observer, target, weight: 300))
          rank.update(on: graph, changed: [observer])
        })
    }
    return [
      text(quantile(firsts, 0.5)), "\(scored)", text(ranking), text(quantile(batches, 0.5)),
      text(quantile(batches, 0.99)), text(batches.max() ?? 0), text(quantile(own, 0.5)),
      text(Double(rank.byteCount) / 1e6),
    ]
  }

  private static func edge(
    _ graph: RelationGraph, _ near: [PeerNumber], _ random: inout SeededRandom
  ) -> Edge {
    let source =
      near.isEmpty
      ? PeerNumber(random.next() % UInt64(graph.peerCount))
      : near[Int(random.next() % UInt64(near.count))]
    let known = graph.edges(from: source)
    // Every third removes one, the others add or change.
    if random.next() % 3 == 0, let edge = known.randomElement(using: &random) {
      return Edge(source, edge.target, weight: 0)
    }
    return Edge(
      source, PeerNumber(random.next() % UInt64(graph.peerCount)),
      weight: 100 + UInt32(random.next() % 901))
  }

  private static func paths(_ graph: RelationGraph, _ random: inout SeededRandom) -> [String] {
    var search = FriendshipSearch()
    let count = 5_000
    let pairs = (0..<count + 500).map { _ in
      (
        PeerNumber(random.next() % UInt64(graph.peerCount)),
        PeerNumber(random.next() % UInt64(graph.peerCount))
      )
    }
    var row: [String] = []
    let kinds: [(inout FriendshipSearch, PeerNumber, PeerNumber) -> FriendshipPath?] = [
      { $0.shortest(from: $1, to: $2, on: graph) }, { $0.strongest(from: $1, to: $2, on: graph) },
    ]
    for (kind, find) in kinds.enumerated() {
      var (times, hops, proven) = ([Double](), [Double](), 0)
      for (i, pair) in pairs.enumerated() {
        var path: FriendshipPath?
        let time = milliseconds { path = find(&search, pair.0, pair.1) }
        if i >= 500 { times.append(time * 1e3) }
        guard let path else { continue }
        hops.append(Double(path.hops))
        if path.isProven { proven += 1 }
      }
      row += [0.5, 0.99, 1].map { text(quantile(times, $0)) }
      row.append(text(hops.reduce(0, +) / Double(max(1, hops.count))))
      if kind == kinds.count - 1 {
        row.append(text(100 * Double(proven) / Double(max(1, hops.count))))
      }
    }
    var (times, found, hops) = ([Double](), 0, 0)
    for pair in pairs.prefix(2_000) {
      var paths: [FriendshipPath] = []
      times.append(
        1e3
          * milliseconds {
            paths = search.disjoint(from: pair.0, to: pair.1, count: 3, on: graph)
          })
      found += paths.count
      hops += paths.reduce(0) { $0 + $1.hops }
    }
    row += [0.5, 0.99, 1].map { text(quantile(times, $0)) }
    return row + [text(Double(found) / 2_000), text(Double(hops) / Double(max(1, found)))]
  }

  private static func others(
    _ graph: RelationGraph, _ observer: PeerNumber, _ seed: UInt64, _ random: inout SeededRandom
  ) -> [String] {
    var row: [String] = []
    for hops in [2, 3] {
      let flow = BoundedFlow(observer: observer, hopLimit: hops)
      let times = (0..<(hops == 2 ? 2_000 : 200)).map { _ in
        let peer = PeerNumber(random.next() % UInt64(graph.peerCount))
        return 1e3 * milliseconds { _ = flow.score(of: peer, on: graph) }
      }
      row += [text(quantile(times, 0.5)), text(quantile(times, 0.99))]
    }
    var betweenness = SampledBetweenness(observer: observer, seed: seed, sourceCount: 2)
    return row + [text(milliseconds { betweenness.compute(on: graph) } / 2)]
  }
}

extension MeritRank {
  /// The best so many peers; none for 0.
  fileprivate func ranking(on graph: RelationGraph, nearest count: Int) -> [PeerNumber] {
    count == 0 ? [] : ranking(on: graph).places.prefix(count).map(\.peer)
  }
}
