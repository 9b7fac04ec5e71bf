extension FriendshipSearch {
  /// The path whose weakest edge is strongest, however long; nil where none is found.
  ///
  /// Both sides take the strongest first. Once one has taken all that is stronger than the best path
  /// found, no better one is left.
  public mutating func strongest(
    from source: PeerNumber, to target: PeerNumber, on graph: RelationGraph
  ) -> FriendshipPath? {
    guard graph.contains(source), graph.contains(target), source != target,
      !graph.isBlocked(source), !graph.isBlocked(target)
    else { return nil }
    edgesLeft = edgeLimit
    begin(source, target, on: graph)
    var nearest = StepHeap(first: near.steps[0].width)
    var farthest = StepHeap(first: far.steps[0].width)
    var best: Meeting?
    var isProven = false
    while edgesLeft > 0 {
      guard let a = nearest.top, let b = farthest.top, min(a.width, b.width) > best?.width ?? 0
      else {
        isProven = true
        break
      }
      // The smaller side: it may be the one whose strength bounds the whole.
      if near.steps.count <= far.steps.count {
        let step = nearest.pop()
        edgesLeft -= Self.settle(
          step, of: &near, toward: far, graph.outgoing, on: graph, &nearest
        ) { here, there, width in
          if width > best?.width ?? 0 { best = Meeting(near: here, far: there, width: width) }
        }
      } else {
        let step = farthest.pop()
        edgesLeft -= Self.settle(
          step, of: &far, toward: near, graph.incoming, on: graph, &farthest
        ) { here, there, width in
          if width > best?.width ?? 0 { best = Meeting(near: there, far: here, width: width) }
        }
      }
    }
    guard let best else { return nil }
    let peers = near.chain(from: best.near).reversed() + far.chain(from: best.far)
    return FriendshipPath(Self.withoutLoops(peers), on: graph, isProven: isProven)
  }

  /// Meets the neighbours of a step that no stronger way leads to any more. The edges looked at.
  private static func settle(
    _ entry: StepHeap.Entry, of side: inout SearchSide, toward other: borrowing SearchSide,
    _ lists: AdjacencyLists, on graph: RelationGraph, _ heap: inout StepHeap,
    touch: (_ here: Int, _ there: Int, _ width: UInt32) -> Void
  ) -> Int {
    let index = Int(entry.step)
    let step = side.steps[index]
    // An older entry of a step that was improved since.
    guard entry.width == step.width, entry.hops == step.hops else { return 1 }
    let range = lists.range(step.peer)
    for i in range {
      let neighbour = lists.links[i].peer
      if graph.blockedCount > 0, graph.isBlocked(neighbour) { continue }
      let width = min(step.width, lists.links[i].weight)
      if let touched = other[neighbour] {
        touch(index, touched, min(width, other.steps[touched].width))
      }
      let count = side.steps.count
      if let known = side.meet(neighbour, parent: index, width: width, hops: step.hops + 1) {
        let old = side.steps[known]
        guard width > old.width else { continue }
        side.improve(known, parent: index, width: width, hops: step.hops + 1)
        heap.push(StepHeap.Entry(step: Int32(known), width: width, hops: step.hops + 1))
      } else {
        heap.push(StepHeap.Entry(step: Int32(count), width: width, hops: step.hops + 1))
      }
    }
    return range.count + 1
  }

  /// Both halves may share a peer; what lies between its two places is left out, which weakens nothing.
  private static func withoutLoops(_ peers: [PeerNumber]) -> [PeerNumber] {
    var result: [PeerNumber] = []
    for peer in peers {
      if let first = result.firstIndex(of: peer) { result.removeSubrange(first...) }
      result.append(peer)
    }
    return result
  }
}

/// Steps to be taken, the strongest first, of equally strong ones the nearest.
struct StepHeap {
  struct Entry {
    let step: Int32
    let width: UInt32
    let hops: Int32

    func precedes(_ other: Entry) -> Bool {
      width != other.width ? width > other.width : hops < other.hops
    }
  }

  private var entries: [Entry]

  init(first width: UInt32) { entries = [Entry(step: 0, width: width, hops: 0)] }

  var top: Entry? { entries.first }

  mutating func push(_ entry: Entry) {
    var place = entries.count
    entries.append(entry)
    while place > 0, entry.precedes(entries[(place - 1) / 2]) {
      entries[place] = entries[(place - 1) / 2]
      place = (place - 1) / 2
    }
    entries[place] = entry
  }

  /// The top, which must be there.
  mutating func pop() -> Entry {
    let top = entries[0]
    let last = entries.removeLast()
    guard !entries.isEmpty else { return top }
    var place = 0
    while true {
      var child = 2 * place + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(last) else { break }
      entries[place] = entries[child]
      place = child
    }
    entries[place] = last
    return top
  }
}
