import IPv8Trust
import IPv8Wire

/// Slow and obvious computations on small graphs.
enum Oracle {
  /// The probability that a walk comes to `target`: by iterating the equation of a walk that is at `u`,
  /// which has arrived, or stops there with `decay`, or goes on to a neighbour by its weight.
  static func reach(
    of target: PeerNumber, from observer: PeerNumber, on graph: RelationGraph, decay: Double
  ) -> Double {
    var arrives = [Double](repeating: 0, count: graph.peerCount)
    for _ in 0..<300 {
      arrives = (0..<PeerNumber(graph.peerCount)).map { u in
        if u == target { return 1 }
        return graph.isBlocked(u) ? 0 : (1 - decay) * onward(u, on: graph, arrives)
      }
    }
    // The first step is always taken.
    return onward(observer, on: graph, arrives)
  }

  private static func onward(
    _ u: PeerNumber, on graph: RelationGraph, _ arrives: [Double]
  ) -> Double {
    let edges = graph.edges(from: u)
    let total = edges.reduce(0.0) { $0 + Double($1.weight) }
    return edges.reduce(0.0) { $0 + Double($1.weight) / total * arrives[Int($1.target)] }
  }

  /// All paths without a peer twice, of at most `hops` edges.
  static func paths(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph, hops: Int
  ) -> [[PeerNumber]] {
    var found: [[PeerNumber]] = []
    func extend(_ path: [PeerNumber]) {
      guard let last = path.last, !graph.isBlocked(last) else { return }
      if last == target { return found.append(path) }
      guard path.count <= hops else { return }
      for edge in graph.edges(from: last) where !path.contains(edge.target) {
        extend(path + [edge.target])
      }
    }
    extend([source])
    return found
  }

  static func width(_ path: [PeerNumber], on graph: RelationGraph) -> UInt32 {
    zip(path, path.dropFirst()).map { graph.weight($0, $1) }.min() ?? 0
  }

  /// To each peer the strength of the strongest path; 0 where there is none.
  static func widths(from source: PeerNumber, on graph: RelationGraph) -> [UInt32] {
    var widths = [UInt32](repeating: 0, count: graph.peerCount)
    widths[Int(source)] = .max
    var isOver = false
    while !isOver {
      isOver = true
      for peer in 0..<PeerNumber(graph.peerCount) where widths[Int(peer)] > 0 {
        for edge in graph.edges(from: peer) {
          let width = min(widths[Int(peer)], edge.weight)
          guard width > widths[Int(edge.target)] else { continue }
          widths[Int(edge.target)] = width
          isOver = false
        }
      }
    }
    return widths
  }

  /// The least cut between two peers, over all ways to part the others: what the greatest flow is.
  static func leastCut(
    from source: PeerNumber, to sink: PeerNumber, on graph: RelationGraph
  ) -> UInt64 {
    let others = (0..<PeerNumber(graph.peerCount)).filter { $0 != source && $0 != sink }
    let edges = (0..<PeerNumber(graph.peerCount)).flatMap { graph.edges(from: $0) }
    return (0..<(1 << others.count)).map { mask in
      var side: Set<PeerNumber> = [source]
      for (i, peer) in others.enumerated() where mask >> i & 1 == 1 { side.insert(peer) }
      return edges.reduce(UInt64(0)) {
        $0 + (side.contains($1.source) && !side.contains($1.target) ? UInt64($1.weight) : 0)
      }
    }.min() ?? 0
  }

  /// The most paths that share no peer between their ends.
  static func mostDisjoint(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph
  ) -> Int {
    let paths = paths(from: source, to: target, on: graph, hops: graph.peerCount).map {
      Set($0.dropFirst().dropLast())
    }
    func most(_ rest: ArraySlice<Set<PeerNumber>>, _ used: Set<PeerNumber>, _ direct: Bool) -> Int {
      guard let first = rest.first else { return 0 }
      let without = most(rest.dropFirst(), used, direct)
      guard first.isDisjoint(with: used), !(first.isEmpty && direct) else { return without }
      return max(
        without, 1 + most(rest.dropFirst(), used.union(first), direct || first.isEmpty))
    }
    return most(paths[...], [], false)
  }

  /// Of all pairs of others the share whose shortest chains run through each peer.
  static func betweenness(on graph: RelationGraph) -> [Double] {
    let peers = 0..<PeerNumber(graph.peerCount)
    var sums = [Double](repeating: 0, count: graph.peerCount)
    for source in peers {
      for target in peers where source != target {
        let all = paths(from: source, to: target, on: graph, hops: graph.peerCount)
        guard let least = all.map(\.count).min() else { continue }
        let shortest = all.filter { $0.count == least }
        for path in shortest {
          for peer in path.dropFirst().dropLast() { sums[Int(peer)] += 1 / Double(shortest.count) }
        }
      }
    }
    let count = Double(graph.peerCount)
    return sums.map { $0 / ((count - 1) * (count - 2)) }
  }
}
