extension FriendshipSearch {
  /// The path whose weakest edge is strongest, however long; nil where none is found. Where that takes
  /// more than ``provingEdges`` it need not be proven: then one at least three quarters as strong as
  /// any is found, and where even that takes more than ``edgeLimit``, the shortest.
  ///
  /// Both sides meet all peers that edges of at least a bound lead to. Where a side has met all of
  /// them and none of the other side's, no path is stronger than the strongest edge that leads
  /// further, and so the bound falls to that. Where the sides touch first is on a strongest path.
  public mutating func strongest(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph
  ) -> FriendshipPath? {
    guard begin(source, target, on: graph) else { return nil }
    /// No path is stronger.
    var most = UInt32.max
    while edgesLeft > 0 {
      let isForward = near.frontier.count <= far.frontier.count
      if isForward ? near.frontier.isEmpty : far.frontier.isEmpty {
        guard
          let weight =
            isForward
            ? near.wayOut(met, on: graph, &edgesLeft) : far.wayOut(met, on: graph, &edgesLeft)
        else { return nil }
        most = min(most, weight)
      }
      let isProven = edgeLimit - edgesLeft <= provingEdges
      let bound = isProven ? most : most - most / 4
      let contact =
        isForward
        ? near.widen(over: bound, &met, on: graph, &edgesLeft)
        : far.widen(over: bound, &met, on: graph, &edgesLeft)
      if let contact {
        return FriendshipPath(path(contact, isForward), on: graph, isProven: isProven)
      }
    }
    guard let path = shortest(from: source, to: target, on: graph) else { return nil }
    return FriendshipPath(path.peers, on: graph, isProven: false)
  }
}
