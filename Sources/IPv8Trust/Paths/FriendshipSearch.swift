/// Finds chains of trust between two peers from both ends at once.
///
/// Keeps its memory for the next search. Blocked peers are on no path.
public struct FriendshipSearch {
  /// Edges looked at for one path, so that none costs more than some milliseconds.
  public let edgeLimit: Int

  var near = SearchSide()
  var far = SearchSide()
  var edgesLeft = 0
  /// Peers that no path may use, and whether the edge between both ends counts.
  var excluded: Set<PeerNumber> = []
  var isDirectAllowed = true

  public init(edgeLimit: Int = 100_000) { self.edgeLimit = edgeLimit }

  /// A path of the fewest edges; nil where there is none within the limit.
  public mutating func shortest(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph
  ) -> FriendshipPath? {
    excluded.removeAll(keepingCapacity: true)
    isDirectAllowed = true
    return search(from: source, to: target, on: graph)
  }

  /// Where the two sides touch: a step of each.
  struct Meeting {
    let near: Int
    let far: Int
    /// The strength of the whole path.
    let width: UInt32
  }

  mutating func search(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph
  ) -> FriendshipPath? {
    guard graph.contains(source), graph.contains(target), source != target,
      !graph.isBlocked(source), !graph.isBlocked(target)
    else { return nil }
    edgesLeft = edgeLimit
    begin(source, target, on: graph)
    while !near.frontier.isEmpty, !far.frontier.isEmpty, edgesLeft > 0 {
      let isForward = near.frontier.count <= far.frontier.count
      let meeting = isForward ? advanceNear(on: graph) : advanceFar(on: graph)
      if let meeting {
        let peers = near.chain(from: meeting.near).reversed() + far.chain(from: meeting.far)
        return FriendshipPath(peers, on: graph)
      }
    }
    return nil
  }

  mutating func begin(_ source: PeerNumber, _ target: PeerNumber, on graph: RelationGraph) {
    near.begin(at: source)
    far.begin(at: target)
    near.frontier = 0..<1
    far.frontier = 0..<1
  }

  private mutating func advanceNear(on graph: RelationGraph) -> Meeting? {
    return Self.advance(
      &near, toward: far, graph.outgoing, on: graph, excluded, isDirectAllowed, &edgesLeft
    ).map { Meeting(near: $0.step, far: $0.other, width: $0.width) }
  }

  private mutating func advanceFar(on graph: RelationGraph) -> Meeting? {
    return Self.advance(
      &far, toward: near, graph.incoming, on: graph, excluded, isDirectAllowed, &edgesLeft
    ).map { Meeting(near: $0.other, far: $0.step, width: $0.width) }
  }

  /// Peers of a frontier whose lists are fetched together.
  private static let readAhead = 16

  /// Meets all neighbours of the frontier, or finds where a first peer of it touches the other side: as
  /// both grow by whole levels, that is on a shortest path.
  private static func advance(
    _ side: inout SearchSide, toward other: borrowing SearchSide, _ lists: AdjacencyLists,
    on graph: RelationGraph, _ excluded: Set<PeerNumber>, _ isDirectAllowed: Bool,
    _ edgesLeft: inout Int
  ) -> (step: Int, other: Int, width: UInt32)? {
    let level = side.steps.count
    let hasExceptions = graph.blockedCount > 0 || !excluded.isEmpty
    for index in side.frontier {
      if (index - side.frontier.lowerBound) % readAhead == 0 {
        side.touch(index..<min(index + readAhead, side.frontier.upperBound), in: lists)
      }
      let step = side.steps[index]
      let range = lists.range(step.peer)
      edgesLeft -= range.count
      guard edgesLeft > 0 else { break }
      var best: (step: Int, other: Int, width: UInt32)?
      for i in range {
        let neighbour = lists.links[i].peer
        if hasExceptions, graph.isBlocked(neighbour) || excluded.contains(neighbour) { continue }
        let width = min(step.width, lists.links[i].weight)
        if let touched = other[neighbour] {
          if !isDirectAllowed, touched == 0, index == 0 { continue }
          let whole = min(width, other.steps[touched].width)
          if whole > best?.width ?? 0 { best = (index, touched, whole) }
        } else {
          _ = side.meet(neighbour, parent: index, width: width, hops: step.hops + 1)
        }
      }
      if let best { return best }
    }
    side.frontier = level..<side.steps.count
    return nil
  }
}
