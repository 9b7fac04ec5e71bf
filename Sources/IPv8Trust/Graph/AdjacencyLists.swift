/// For each node its neighbours, ascending, with the edges' weights: all in one array, a block for
/// each node, so that a million nodes cost no object each, and one of them two cache misses.
struct AdjacencyLists: Sendable {
  struct Link: Sendable {
    var peer: PeerNumber
    var weight: UInt32
  }

  private struct Block: Sendable {
    var start: Int32 = 0
    var count: Int32 = 0
    var capacity: Int32 = 0
  }

  /// Of all nodes; only the blocks' used parts mean something.
  private(set) var links: [Link] = []
  private(set) var edgeCount = 0

  private var blocks: [Block]
  /// Starts of free blocks of at least 2^class entries, by class.
  private var free: [[Int32]] = Array(repeating: [], count: 32)

  init(nodeCount: Int) {
    blocks = Array(repeating: Block(), count: nodeCount)
  }

  /// Blocks without room between them. Of each source's edges the targets ascend and differ.
  init(sortedEdges edges: some Sequence<Edge>, nodeCount: Int, edgeCount: Int) {
    self.init(nodeCount: nodeCount)
    // An eighth for what grows, so that the first change does not move all.
    links.reserveCapacity(edgeCount + edgeCount / 8)
    for edge in edges {
      let source = Int(edge.source)
      if blocks[source].count == 0 { blocks[source].start = Int32(links.count) }
      links.append(Link(peer: edge.target, weight: edge.weight))
      blocks[source].count += 1
      blocks[source].capacity += 1
    }
    self.edgeCount = links.count
  }

  var nodeCount: Int { blocks.count }

  /// Places of a node's neighbours in `links`.
  func range(_ node: PeerNumber) -> Range<Int> {
    let block = blocks[Int(node)]
    return Int(block.start)..<Int(block.start) + Int(block.count)
  }

  func degree(_ node: PeerNumber) -> Int { Int(blocks[Int(node)].count) }

  /// 0 where there is no edge.
  func weight(_ node: PeerNumber, _ neighbour: PeerNumber) -> UInt32 {
    let place = place(of: neighbour, in: range(node))
    return place.isThere ? links[place.index].weight : 0
  }

  private func place(
    of neighbour: PeerNumber, in range: Range<Int>
  ) -> (index: Int, isThere: Bool) {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if links[middle].peer < neighbour { low = middle + 1 } else { high = middle }
    }
    return (low, low < range.upperBound && links[low].peer == neighbour)
  }

  mutating func addNodes(_ count: Int) {
    blocks.append(contentsOf: repeatElement(Block(), count: count))
  }

  /// Adds or changes an edge; weight 0 removes it. The weight before.
  mutating func set(_ node: PeerNumber, _ neighbour: PeerNumber, weight: UInt32) -> UInt32 {
    let place = place(of: neighbour, in: range(node))
    if place.isThere {
      let before = links[place.index].weight
      if weight > 0 { links[place.index].weight = weight } else { close(node, at: place.index) }
      return before
    }
    if weight > 0 { open(node, at: place.index, neighbour, weight) }
    return 0
  }

  private mutating func close(_ node: PeerNumber, at index: Int) {
    for i in index..<range(node).upperBound - 1 { links[i] = links[i + 1] }
    blocks[Int(node)].count -= 1
    edgeCount -= 1
  }

  private mutating func open(
    _ node: PeerNumber, at index: Int, _ neighbour: PeerNumber, _ weight: UInt32
  ) {
    var index = index
    if blocks[Int(node)].count == blocks[Int(node)].capacity {
      let offset = index - range(node).lowerBound
      grow(node)
      index = range(node).lowerBound + offset
    }
    for i in (index..<range(node).upperBound).reversed() { links[i + 1] = links[i] }
    links[index] = Link(peer: neighbour, weight: weight)
    blocks[Int(node)].count += 1
    edgeCount += 1
  }

  /// Moves a full block to one of at least twice the size.
  private mutating func grow(_ node: PeerNumber) {
    if links.count > 3 * edgeCount + (1 << 16) { compact() }
    let (old, size) = (range(node), Int(blocks[Int(node)].capacity))
    let exponent = Self.exponent(atLeast: max(4, 2 * size))
    let start: Int
    if let reused = free[exponent].popLast() {
      start = Int(reused)
    } else {
      start = links.count
      links.append(contentsOf: repeatElement(Link(peer: 0, weight: 0), count: 1 << exponent))
    }
    for (offset, i) in old.enumerated() { links[start + offset] = links[i] }
    if size > 0 {
      free[Int.bitWidth - 1 - size.leadingZeroBitCount].append(blocks[Int(node)].start)
    }
    blocks[Int(node)].start = Int32(start)
    blocks[Int(node)].capacity = Int32(1 << exponent)
  }

  private static func exponent(atLeast size: Int) -> Int {
    Int.bitWidth - (size - 1).leadingZeroBitCount
  }

  /// Removes the room between the blocks, which whoever adds and removes edges could make grow.
  private mutating func compact() {
    var compacted = AdjacencyLists(nodeCount: nodeCount)
    compacted.links.reserveCapacity(edgeCount + edgeCount / 8)
    for (node, block) in blocks.enumerated() where block.count > 0 {
      let start = Int32(compacted.links.count)
      compacted.links += links[range(PeerNumber(node))]
      compacted.blocks[node] = Block(start: start, count: block.count, capacity: block.count)
    }
    compacted.edgeCount = edgeCount
    self = compacted
  }

  /// Bytes of all arrays.
  var byteCount: Int {
    8 * links.capacity + 12 * blocks.capacity + 4 * free.reduce(0) { $0 + $1.capacity }
  }
}
