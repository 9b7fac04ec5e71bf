/// One end of a bidirectional search: the peers met from there, with how each was come to.
struct SearchSide {
  struct Step {
    let peer: PeerNumber
    /// The step before, nearer to this end; -1 at the end itself.
    let parent: Int32
    /// The least weight of an edge between the end and here.
    let width: UInt32
  }

  /// Where it touches the other side: a step of each.
  struct Contact {
    let step: Int
    let other: Int
  }

  /// Whether it is where the paths begin, and follows edges along their direction.
  let isNear: Bool
  private(set) var steps: [Step] = []
  /// Steps whose neighbours are not met yet.
  var frontier = 0..<0
  /// Of steps that have edges which were too weak to be followed.
  var weaker = StepHeap()

  private var touched: UInt32 = 0

  init(isNear: Bool) { self.isNear = isNear }

  mutating func begin(at peer: PeerNumber, _ met: inout PeerMap) {
    steps.removeAll(keepingCapacity: true)
    weaker.removeAll()
    _ = meet(peer, parent: -1, width: .max, &met)
    frontier = 0..<1
  }

  /// Where the peer was met before; nil where this is the first time.
  mutating func meet(
    _ peer: PeerNumber, parent: Int, width: UInt32, _ met: inout PeerMap
  ) -> PeerMap.Place? {
    let place = PeerMap.Place(step: steps.count, isNear: isNear)
    if let known = met.insert(peer, place) { return known }
    steps.append(Step(peer: peer, parent: Int32(parent), width: width))
    return nil
  }

  /// Peers of a frontier whose lists are fetched together.
  static let readAhead = 16

  /// Reads the beginnings of the steps' lists: one after the other each would be awaited, together
  /// they come from memory at once.
  mutating func touch(_ steps: Range<Int>, in lists: AdjacencyLists) {
    for step in steps {
      let range = lists.range(self.steps[step].peer)
      if !range.isEmpty { touched &+= lists.links[range.lowerBound].weight }
    }
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
