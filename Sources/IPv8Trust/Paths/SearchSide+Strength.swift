extension SearchSide {
  /// The weight of the strongest edge from here to a peer that is not met yet from this end, where all
  /// edges of the frontier were followed; nil where there is none.
  mutating func wayOut(
    _ met: PeerMap, on graph: RelationGraph, _ edgesLeft: inout Int
  ) -> UInt32? {
    let lists = isNear ? graph.outgoing : graph.incoming
    while let top = weaker.top {
      let range = lists.range(steps[Int(top.step)].peer)
      edgesLeft -= range.count
      var rest: UInt32 = 0
      for i in range {
        let link = lists.links[i]
        if link.weight < top.weight {
          rest = max(rest, link.weight)
        } else if link.weight == top.weight, met[link.peer]?.isNear != isNear,
          !graph.isBlocked(link.peer)
        {
          return top.weight
        }
      }
      weaker.lowerTop(to: rest)
    }
    return nil
  }

  /// Meets neighbours of the first peers of the frontier along edges of at least `bound`, or where it is
  /// empty of peers that have such edges which were too weak before; up to where it touches the other
  /// side.
  mutating func widen(
    over bound: UInt32, _ met: inout PeerMap, on graph: RelationGraph, _ edgesLeft: inout Int
  ) -> Contact? {
    let lists = isNear ? graph.outgoing : graph.incoming
    let now = frontier.prefix(Self.readAhead)
    touch(now, in: lists)
    for index in now {
      switch follow(index, over: bound, &met, lists, on: graph, &edgesLeft) {
      case .touched(let contact): return contact
      case .followed(let rest):
        if rest > 0 { weaker.append(StepHeap.Entry(step: Int32(index), weight: rest)) }
      }
    }
    if now.isEmpty {
      while let top = weaker.top, top.weight >= bound {
        switch follow(Int(top.step), over: bound, &met, lists, on: graph, &edgesLeft) {
        case .touched(let contact): return contact
        case .followed(let rest): weaker.lowerTop(to: rest)
        }
      }
    }
    frontier = now.upperBound..<steps.count
    return nil
  }

  private enum Outcome {
    case touched(Contact)
    /// The weight of the strongest edge that was too weak; 0: there was none.
    case followed(UInt32)
  }

  @inline(__always)
  private mutating func follow(
    _ index: Int, over bound: UInt32, _ met: inout PeerMap, _ lists: AdjacencyLists,
    on graph: RelationGraph, _ edgesLeft: inout Int
  ) -> Outcome {
    let range = lists.range(steps[index].peer)
    edgesLeft -= range.count + 1
    var rest: UInt32 = 0
    for i in range {
      let link = lists.links[i]
      guard link.weight >= bound else {
        rest = max(rest, link.weight)
        continue
      }
      if graph.blockedCount > 0, graph.isBlocked(link.peer) { continue }
      if let known = meet(link.peer, parent: index, width: bound, &met), known.isNear != isNear {
        return .touched(Contact(step: index, other: known.step))
      }
    }
    return .followed(rest)
  }
}

/// Steps by the weight of their strongest edge that was too weak to be followed: a heap, put in order
/// only where the top is asked for, as most searches end before.
struct StepHeap {
  struct Entry {
    let step: Int32
    let weight: UInt32
  }

  private var entries: [Entry] = []
  /// Entries at the front that are in a heap's order.
  private var ordered = 0

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    ordered = 0
  }

  mutating func append(_ entry: Entry) { entries.append(entry) }

  var top: Entry? {
    mutating get {
      while ordered < entries.count {
        rise(ordered)
        ordered += 1
      }
      return entries.first
    }
  }

  /// Gives the top, which was asked for, a lesser weight; with 0 it leaves.
  mutating func lowerTop(to weight: UInt32) {
    if weight > 0 { return sink(Entry(step: entries[0].step, weight: weight)) }
    let last = entries.removeLast()
    ordered = entries.count
    if !entries.isEmpty { sink(last) }
  }

  private mutating func rise(_ index: Int) {
    let entry = entries[index]
    var place = index
    while place > 0, entry.weight > entries[(place - 1) / 2].weight {
      entries[place] = entries[(place - 1) / 2]
      place = (place - 1) / 2
    }
    entries[place] = entry
  }

  /// Puts the entry in the place of the top.
  private mutating func sink(_ entry: Entry) {
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].weight > entries[child].weight {
        child += 1
      }
      guard entries[child].weight > entry.weight else { break }
      entries[place] = entries[child]
      place = child
    }
    entries[place] = entry
  }
}
