/// How much one peer, who computes, trusts each other one. All are subjective or pure functions of the
/// graph, and equal seeds and graphs give equal scores.
public protocol TrustFunction: Sendable {
  /// What the configuration and the user call it.
  static var name: String { get }

  /// Begins anew with a graph.
  mutating func compute(on graph: RelationGraph)

  /// Follows a graph in which the edges *from* these peers changed, or that were blocked or
  /// unblocked; the result is the one that ``compute(on:)`` would have.
  mutating func update(on graph: RelationGraph, changed: [PeerNumber])

  /// 0 (nothing) to 1; of the peer that computes, 1.
  func score(of peer: PeerNumber, on graph: RelationGraph) -> Double

  /// What makes a score, the strongest part first.
  func evidence(for peer: PeerNumber, on graph: RelationGraph, limit: Int) -> [Evidence]
}

/// A chain of relations that gives a peer a share of its score.
public struct Evidence: Equatable, Sendable {
  /// From the peer that computes to the one in question.
  public let path: [PeerNumber]
  /// Of the score, 0 to 1.
  public let share: Double
  /// The path's edge of the least weight.
  public let weakest: Edge

  /// - Parameter path: at least two peers, joined by edges.
  init(path: [PeerNumber], share: Double, on graph: RelationGraph) {
    self.path = path
    self.share = share
    weakest = graph.weakest(of: path)
  }
}

extension RelationGraph {
  /// The edge of the least weight of a path of at least two peers; of several the first.
  func weakest(of path: [PeerNumber]) -> Edge {
    var weakest = Edge(path[0], path[1], weight: weight(path[0], path[1]))
    for (source, target) in zip(path, path.dropFirst()) {
      let weight = weight(source, target)
      if weight < weakest.weight { weakest = Edge(source, target, weight: weight) }
    }
    return weakest
  }
}
