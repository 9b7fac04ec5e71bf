/// Finds chains of trust between two peers from both ends at once.
///
/// Keeps its memory for the next search. Blocked peers are on no path.
public struct FriendshipSearch {
  /// Edges looked at for one path, so that none costs more than some milliseconds.
  public let edgeLimit: Int
  /// Edges looked at to find the strongest path itself.
  public let provingEdges: Int

  var near = SearchSide(isNear: true)
  var far = SearchSide(isNear: false)
  /// The peers of both sides.
  var met = PeerMap()
  var edgesLeft = 0

  public init(edgeLimit: Int = 100_000, provingEdges: Int = 2_000) {
    self.edgeLimit = edgeLimit
    self.provingEdges = provingEdges
  }

  /// A path of the fewest edges; nil where there is none within the limit.
  public mutating func shortest(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph
  ) -> FriendshipPath? {
    search(from: source, to: target, on: graph)
  }

  /// Begins at both ends; false where no path can be.
  mutating func begin(
    _ source: PeerNumber, _ target: PeerNumber, on graph: RelationGraph
  ) -> Bool {
    guard graph.contains(source), graph.contains(target), source != target,
      !graph.isBlocked(source), !graph.isBlocked(target)
    else { return false }
    edgesLeft = edgeLimit
    met.removeAll()
    near.begin(at: source, &met)
    far.begin(at: target, &met)
    return true
  }

  /// The path on which the near side, or else the far one, touches the other.
  func path(_ contact: SearchSide.Contact, _ isForward: Bool) -> [PeerNumber] {
    let (first, last) =
      isForward ? (contact.step, contact.other) : (contact.other, contact.step)
    return near.chain(from: first).reversed() + far.chain(from: last)
  }

  /// A shortest path that has none of `excluded` between its ends.
  ///
  /// - Parameter isDirectAllowed: whether the edge between both ends counts.
  mutating func search(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph,
    avoiding excluded: [PeerNumber] = [], isDirectAllowed: Bool = true
  ) -> FriendshipPath? {
    guard begin(source, target, on: graph) else { return nil }
    for peer in excluded { _ = met.insert(peer, .barred) }
    while !near.frontier.isEmpty, !far.frontier.isEmpty, edgesLeft > 0 {
      let isForward = near.frontier.count <= far.frontier.count
      let contact =
        isForward
        ? near.advance(
          toward: far, &met, on: graph, isDirectAllowed: isDirectAllowed, &edgesLeft)
        : far.advance(
          toward: near, &met, on: graph, isDirectAllowed: isDirectAllowed, &edgesLeft)
      if let contact { return FriendshipPath(path(contact, isForward), on: graph) }
    }
    return nil
  }
}
