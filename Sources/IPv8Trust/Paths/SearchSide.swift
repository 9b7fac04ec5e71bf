/// One end of a bidirectional search: the peers met from there, with how each was come to.
struct SearchSide {
  struct Step {
    let peer: PeerNumber
    /// The step before, nearer to this end; -1 at the end itself.
    var parent: Int32
    /// The least weight of an edge between the end and here.
    var width: UInt32
    var hops: Int32
  }

  private(set) var steps: [Step] = []
  private var met = PeerMap()
  /// Steps whose neighbours are not met yet.
  var frontier = 0..<0

  private var touched: UInt32 = 0

  mutating func begin(at peer: PeerNumber) {
    steps.removeAll(keepingCapacity: true)
    met.removeAll()
    _ = meet(peer, parent: -1, width: .max, hops: 0)
  }

  subscript(peer: PeerNumber) -> Int? { met[peer] }

  /// The step where the peer was met before; nil where this one is new.
  mutating func meet(
    _ peer: PeerNumber, parent: Int, width: UInt32, hops: Int32
  ) -> Int? {
    if let known = met.insert(peer, steps.count) { return known }
    steps.append(Step(peer: peer, parent: Int32(parent), width: width, hops: hops))
    return nil
  }

  /// Reads the beginnings of the steps' lists: one after the other each would be awaited, together
  /// they come from memory at once.
  mutating func touch(_ steps: Range<Int>, in lists: AdjacencyLists) {
    for step in steps {
      let range = lists.range(self.steps[step].peer)
      if !range.isEmpty { touched &+= lists.links[range.lowerBound].weight }
    }
  }

  mutating func improve(_ step: Int, parent: Int, width: UInt32, hops: Int32) {
    steps[step].parent = Int32(parent)
    steps[step].width = width
    steps[step].hops = hops
  }

  /// From the step to this end.
  func chain(from step: Int) -> [PeerNumber] {
    var chain: [PeerNumber] = []
    var step = Int32(step)
    while step >= 0 {
      chain.append(steps[Int(step)].peer)
      step = steps[Int(step)].parent
    }
    return chain
  }
}
