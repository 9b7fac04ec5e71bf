/// What is left of a graph's edges under a flow from one peer to another (Edmonds and Karp), over
/// paths of bounded length.
struct Residual {
  /// A chain of edges and what flows along it.
  struct Path {
    let peers: [PeerNumber]
    let amount: UInt64
  }

  private struct Link: Hashable {
    let from: PeerNumber
    let to: PeerNumber
  }

  private let source: PeerNumber
  private let sink: PeerNumber
  private let hopLimit: Int
  private var edgesLeft: Int
  /// What flows; no link with both directions.
  private var flow: [Link: UInt64] = [:]
  /// Whose flow comes to a peer, for going back.
  private var comesFrom: [PeerNumber: Set<PeerNumber>] = [:]

  init(from source: PeerNumber, to sink: PeerNumber, hopLimit: Int, edgeLimit: Int) {
    self.source = source
    self.sink = sink
    self.hopLimit = hopLimit
    edgesLeft = edgeLimit
  }

  /// Adds the flow of one shortest path; false where there is none, or too much was looked at.
  mutating func augment(on graph: RelationGraph) -> Bool {
    var parents: [PeerNumber: PeerNumber] = [source: source]
    var frontier = [source]
    for _ in 0..<hopLimit {
      var next: [PeerNumber] = []
      for peer in frontier {
        for neighbour in neighbours(of: peer, on: graph) where parents[neighbour] == nil {
          parents[neighbour] = peer
          if neighbour == sink {
            push(along: path(parents), on: graph)
            return true
          }
          next.append(neighbour)
        }
        if edgesLeft <= 0 { return false }
      }
      if next.isEmpty { return false }
      frontier = next
    }
    return false
  }

  private mutating func neighbours(
    of peer: PeerNumber, on graph: RelationGraph
  ) -> [PeerNumber] {
    let range = graph.outgoing.range(peer)
    edgesLeft -= range.count
    var result: [PeerNumber] = []
    for i in range {
      let neighbour = graph.outgoing.links[i].peer
      let used = flow[Link(from: peer, to: neighbour)] ?? 0
      if used < graph.outgoing.links[i].weight, !graph.isBlocked(neighbour) {
        result.append(neighbour)
      }
    }
    return result + (comesFrom[peer] ?? []).sorted()
  }

  private func path(_ parents: [PeerNumber: PeerNumber]) -> [PeerNumber] {
    var path = [sink]
    while let last = path.last, last != source, let parent = parents[last] { path.append(parent) }
    return path.reversed()
  }

  private func room(_ from: PeerNumber, _ to: PeerNumber, on graph: RelationGraph) -> UInt64 {
    UInt64(graph.weight(from, to)) - (flow[Link(from: from, to: to)] ?? 0)
      + (flow[Link(from: to, to: from)] ?? 0)
  }

  private mutating func push(along path: [PeerNumber], on graph: RelationGraph) {
    let links = Array(zip(path, path.dropFirst()))
    let amount = links.map { room($0, $1, on: graph) }.min() ?? 0
    for (from, to) in links {
      let back = flow[Link(from: to, to: from)] ?? 0
      let undone = min(back, amount)
      set(Link(from: to, to: from), back - undone)
      let forward = Link(from: from, to: to)
      set(forward, (flow[forward] ?? 0) + amount - undone)
    }
  }

  private mutating func set(_ link: Link, _ amount: UInt64) {
    flow[link] = amount == 0 ? nil : amount
    if amount == 0 {
      comesFrom[link.to]?.remove(link.from)
    } else {
      comesFrom[link.to, default: []].insert(link.from)
    }
  }

  /// The flow taken apart into paths; what goes round in a circle is no path.
  var paths: [Path] {
    var left = flow
    var result: [Path] = []
    while let path = anyPath(left) {
      let links = zip(path, path.dropFirst()).map { Link(from: $0, to: $1) }
      let amount = links.compactMap { left[$0] }.min() ?? 0
      for link in links {
        let rest = (left[link] ?? 0) - amount
        left[link] = rest == 0 ? nil : rest
      }
      result.append(Path(peers: path, amount: amount))
    }
    return result
  }

  private func anyPath(_ left: [Link: UInt64]) -> [PeerNumber]? {
    var parents: [PeerNumber: PeerNumber] = [source: source]
    var frontier = [source]
    let goes = Dictionary(grouping: left.keys, by: \.from)
    while let peer = frontier.popLast() {
      if peer == sink { return path(parents) }
      for link in (goes[peer] ?? []).sorted(by: { $0.to > $1.to }) where parents[link.to] == nil {
        parents[link.to] = peer
        frontier.append(link.to)
      }
    }
    return nil
  }
}
