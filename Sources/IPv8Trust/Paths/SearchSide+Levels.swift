extension SearchSide {
  /// Meets all neighbours of the frontier, or finds where a first peer of it touches the other side: as
  /// both grow by whole levels, that is on a shortest path.
  ///
  /// - Parameter isDirectAllowed: whether the edge between both ends counts.
  mutating func advance(
    toward other: borrowing SearchSide, _ met: inout PeerMap, on graph: RelationGraph,
    isDirectAllowed: Bool, _ edgesLeft: inout Int
  ) -> Contact? {
    let lists = isNear ? graph.outgoing : graph.incoming
    let level = steps.count
    for index in frontier {
      if (index - frontier.lowerBound) % Self.readAhead == 0 {
        touch(index..<min(index + Self.readAhead, frontier.upperBound), in: lists)
      }
      let step = steps[index]
      let range = lists.range(step.peer)
      edgesLeft -= range.count
      guard edgesLeft > 0 else { break }
      var best: (contact: Contact, width: UInt32)?
      for i in range {
        let link = lists.links[i]
        if graph.blockedCount > 0, graph.isBlocked(link.peer) { continue }
        let width = min(step.width, link.weight)
        guard let known = meet(link.peer, parent: index, width: width, &met),
          known != .barred, known.isNear != isNear, isDirectAllowed || index + known.step > 0
        else { continue }
        let whole = min(width, other.steps[known.step].width)
        if whole > best?.width ?? 0 { best = (Contact(step: index, other: known.step), whole) }
      }
      if let best { return best.contact }
    }
    frontier = level..<steps.count
    return nil
  }
}
