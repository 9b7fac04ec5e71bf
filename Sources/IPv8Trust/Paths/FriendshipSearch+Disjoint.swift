extension FriendshipSearch {
  /// Most paths that ``disjoint(from:to:count:on:)`` gives.
  public static let pathLimit = 16

  /// Up to `count` paths that share no peer between their ends, so that no single peer between can
  /// have forged them all; shortest first.
  ///
  /// Each is the shortest that avoids those before. Where that finds fewer than there might be, the
  /// paths are led around each other (Menger: as many as no fewer peers can cut).
  public mutating func disjoint(
    from source: PeerNumber, to target: PeerNumber, count: Int, on graph: RelationGraph
  ) -> [FriendshipPath] {
    guard graph.contains(source), graph.contains(target), source != target else { return [] }
    let possible = min(
      count, Self.pathLimit, graph.outgoing.degree(source), graph.incoming.degree(target))
    var paths: [FriendshipPath] = []
    var between: [PeerNumber] = []
    var isDirectAllowed = true
    while paths.count < possible,
      let path = search(
        from: source, to: target, on: graph, avoiding: between, isDirectAllowed: isDirectAllowed)
    {
      paths.append(path)
      if path.hops == 1 { isDirectAllowed = false }
      between += path.peers.dropFirst().dropLast()
    }
    guard !paths.isEmpty, paths.count < possible else { return paths }
    var bundle = PathBundle(
      from: source, to: target, paths: paths.map(\.peers), edgeLimit: edgeLimit)
    while bundle.paths.count < possible, bundle.addPath(on: graph) {}
    return bundle.paths.map { FriendshipPath($0, on: graph) }.sorted {
      ($0.hops, $1.weakest.weight) < ($1.hops, $0.weakest.weight)
    }
  }
}

/// Disjoint paths as a flow of one through each peer, to which another is added by leading those that
/// are there around it.
struct PathBundle {
  private struct State: Hashable {
    let peer: PeerNumber
    /// The peer may be left by any of its edges; else it was entered, and if it is on a path that is
    /// possible only by taking that path back.
    let isOpen: Bool
  }

  private let source: PeerNumber
  private let target: PeerNumber
  private var edgesLeft: Int
  private var firsts: Set<PeerNumber> = []
  /// Of the peers between, by the paths.
  private var next: [PeerNumber: PeerNumber] = [:]
  private var previous: [PeerNumber: PeerNumber] = [:]

  init(from source: PeerNumber, to target: PeerNumber, paths: [[PeerNumber]], edgeLimit: Int) {
    self.source = source
    self.target = target
    edgesLeft = edgeLimit
    for path in paths {
      for (from, to) in zip(path, path.dropFirst()) { join(from, to) }
    }
  }

  var paths: [[PeerNumber]] {
    firsts.sorted().map { first in
      var path = [source, first]
      while let last = path.last, last != target, let peer = next[last] { path.append(peer) }
      return path
    }
  }

  private mutating func join(_ from: PeerNumber, _ to: PeerNumber) {
    if from == source { firsts.insert(to) } else { next[from] = to }
    if to != target { previous[to] = from }
  }

  /// False where there is no further path, or too much was looked at.
  mutating func addPath(on graph: RelationGraph) -> Bool {
    let start = State(peer: source, isOpen: true)
    let end = State(peer: target, isOpen: false)
    var parents: [State: State] = [start: start]
    var queue = [start]
    var place = 0
    while place < queue.count, parents[end] == nil, edgesLeft > 0 {
      let state = queue[place]
      place += 1
      for following in following(state, on: graph) where parents[following] == nil {
        parents[following] = state
        queue.append(following)
      }
    }
    guard parents[end] != nil else { return false }
    var states = [end]
    while let last = states.last, last != start, let parent = parents[last] {
      states.append(parent)
    }
    apply(states.reversed())
    return true
  }

  private mutating func following(_ state: State, on graph: RelationGraph) -> [State] {
    let peer = state.peer
    if peer == target { return [] }
    let isOnPath = previous[peer] != nil
    let back = previous[peer].flatMap { $0 == source ? nil : State(peer: $0, isOpen: true) }
    if isOnPath, !state.isOpen { return back.map { [$0] } ?? [] }
    let range = graph.outgoing.range(peer)
    edgesLeft -= range.count + 1
    var result: [State] = []
    for i in range {
      let neighbour = graph.outgoing.links[i].peer
      let isUsed = peer == source ? firsts.contains(neighbour) : next[peer] == neighbour
      guard neighbour != source, !isUsed, !graph.isBlocked(neighbour) else { continue }
      result.append(State(peer: neighbour, isOpen: false))
    }
    if isOnPath, let back { result.append(back) }
    return result
  }

  private mutating func apply(_ states: [State]) {
    var added: [(PeerNumber, PeerNumber)] = []
    for (a, b) in zip(states, states.dropFirst()) {
      if b.isOpen {
        // A path is taken back by one edge: from `a`, to which it led, to `b`.
        if previous[a.peer] == b.peer { previous[a.peer] = nil }
        if next[b.peer] == a.peer { next[b.peer] = nil }
      } else {
        added.append((a.peer, b.peer))
      }
    }
    for (from, to) in added { join(from, to) }
  }
}
