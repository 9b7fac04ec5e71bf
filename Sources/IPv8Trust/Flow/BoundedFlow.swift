/// Max-flow along trust over at most `hopLimit` edges a path, as BarterCast had it with 2, as a share
/// of all trust that the peer that computes has given.
///
/// With two hops the exact maximum; with more what augmenting paths of that length find, and with as
/// many hops as peers the exact maximum again. Each peer's flow is its own: a thousand peers behind
/// one edge get that edge's flow a thousand times. Nothing is kept between scores.
public struct BoundedFlow: TrustFunction {
  public static let name = "maxflow"

  /// The peer that computes.
  public let observer: PeerNumber
  public let hopLimit: Int
  /// Edges looked at for one score; beyond, what was found counts.
  public let edgeLimit: Int

  public init(observer: PeerNumber, hopLimit: Int = 2, edgeLimit: Int = 1_000_000) {
    precondition(hopLimit > 0 && edgeLimit > 0, "a path has edges")
    self.observer = observer
    self.hopLimit = hopLimit
    self.edgeLimit = edgeLimit
  }

  public mutating func compute(on graph: RelationGraph) {}

  public mutating func update(on graph: RelationGraph, changed: [PeerNumber]) {}

  public func score(of peer: PeerNumber, on graph: RelationGraph) -> Double {
    if peer == observer { return 1 }
    let given = graph.edges(from: observer).reduce(UInt64(0)) { $0 + UInt64($1.weight) }
    guard given > 0 else { return 0 }
    return min(1, Double(flow(to: peer, on: graph)) / Double(given))
  }

  public func evidence(
    for peer: PeerNumber, on graph: RelationGraph, limit: Int
  ) -> [Evidence] {
    let paths = paths(to: peer, on: graph)
    let total = paths.reduce(UInt64(0)) { $0 + $1.amount }
    let ordered = paths.sorted {
      $0.amount != $1.amount
        ? $0.amount > $1.amount : $0.peers.lexicographicallyPrecedes($1.peers)
    }
    return ordered.prefix(limit).map {
      Evidence(path: $0.peers, share: Double($0.amount) / Double(total), on: graph)
    }
  }

  /// In units of weight.
  public func flow(to peer: PeerNumber, on graph: RelationGraph) -> UInt64 {
    paths(to: peer, on: graph).reduce(0) { $0 + $1.amount }
  }

  private func paths(to peer: PeerNumber, on graph: RelationGraph) -> [Residual.Path] {
    guard peer != observer, !graph.isBlocked(peer), !graph.isBlocked(observer) else { return [] }
    if hopLimit <= 2 { return shortPaths(to: peer, on: graph) }
    var residual = Residual(from: observer, to: peer, hopLimit: hopLimit, edgeLimit: edgeLimit)
    while residual.augment(on: graph) {}
    return residual.paths
  }

  /// Of one and two edges: these share none, so their sum is the maximum.
  private func shortPaths(to peer: PeerNumber, on graph: RelationGraph) -> [Residual.Path] {
    var paths: [Residual.Path] = []
    let direct = graph.weight(observer, peer)
    if direct > 0 { paths.append(Residual.Path(peers: [observer, peer], amount: UInt64(direct))) }
    guard hopLimit == 2 else { return paths }
    let (mine, theirs) = (graph.outgoing.range(observer), graph.incoming.range(peer))
    var (i, j) = (mine.lowerBound, theirs.lowerBound)
    while i < mine.upperBound, j < theirs.upperBound {
      let (friend, voucher) = (graph.outgoing.links[i].peer, graph.incoming.links[j].peer)
      if friend == voucher, !graph.isBlocked(friend) {
        let amount = min(graph.outgoing.links[i].weight, graph.incoming.links[j].weight)
        paths.append(Residual.Path(peers: [observer, friend, peer], amount: UInt64(amount)))
      }
      if friend <= voucher { i += 1 }
      if voucher <= friend { j += 1 }
    }
    return paths
  }
}
