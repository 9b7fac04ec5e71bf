/// A chain of peers of which each trusts the next.
public struct FriendshipPath: Equatable, Sendable {
  /// At least two.
  public let peers: [PeerNumber]
  /// The edge of the least weight, which is the path's strength; of several the first.
  public let weakest: Edge
  /// Whether no better path exists; false where the limit on edges ended the search before.
  public let isProven: Bool

  init(_ peers: [PeerNumber], on graph: RelationGraph, isProven: Bool = true) {
    self.peers = peers
    self.isProven = isProven
    weakest = graph.weakest(of: peers)
  }

  public var hops: Int { peers.count - 1 }
}
