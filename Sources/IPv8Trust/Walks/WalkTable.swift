/// Walks of bounded length, and for each peer a list of the places where walks visit it.
struct WalkTable: Sendable {
  let walkCount: Int
  /// Peers of the longest walk, the start included.
  let stride: Int
  private var peers: [PeerNumber]
  private var lengths: [Int32]
  /// Of each peer the first place; a place is walk * stride + position.
  private var heads: [Int32]
  private var nexts: [Int32]
  private var previous: [Int32]

  init(start: PeerNumber, walkCount: Int, stride: Int, peerCount: Int) {
    self.walkCount = walkCount
    self.stride = stride
    peers = Array(repeating: start, count: walkCount * stride)
    lengths = Array(repeating: 1, count: walkCount)
    heads = Array(repeating: -1, count: peerCount)
    nexts = Array(repeating: -1, count: walkCount * stride)
    previous = nexts
  }

  func length(_ walk: Int) -> Int { Int(lengths[walk]) }

  func peer(_ walk: Int, _ position: Int) -> PeerNumber { peers[walk * stride + position] }

  var byteCount: Int {
    4 * (peers.capacity * 3 + lengths.capacity + heads.capacity)
  }

  /// Room for peers that were added to the graph.
  mutating func grow(peerCount: Int) {
    guard peerCount > heads.count else { return }
    heads.append(contentsOf: repeatElement(-1, count: peerCount - heads.count))
  }

  mutating func append(_ peer: PeerNumber, to walk: Int) {
    let place = walk * stride + Int(lengths[walk])
    lengths[walk] += 1
    peers[place] = peer
    let head = heads[Int(peer)]
    nexts[place] = head
    previous[place] = -1
    if head >= 0 { previous[Int(head)] = Int32(place) }
    heads[Int(peer)] = Int32(place)
  }

  /// Forgets what follows `position`.
  mutating func cut(_ walk: Int, after position: Int) {
    while Int(lengths[walk]) > position + 1 {
      lengths[walk] -= 1
      let place = walk * stride + Int(lengths[walk])
      let (before, after) = (previous[place], nexts[place])
      if before >= 0 {
        nexts[Int(before)] = after
      } else {
        heads[Int(peers[place])] = after
      }
      if after >= 0 { previous[Int(after)] = before }
    }
  }

  func isVisited(_ peer: PeerNumber) -> Bool {
    Int(peer) < heads.count && heads[Int(peer)] >= 0
  }

  /// Of each walk that visits `peer` after its start the first place, in the walks' order.
  func firstVisits(_ peer: PeerNumber) -> [(walk: Int, position: Int)] {
    guard Int(peer) < heads.count else { return [] }
    var places: [Int32] = []
    var place = heads[Int(peer)]
    while place >= 0 {
      places.append(place)
      place = nexts[Int(place)]
    }
    places.sort()
    var visits: [(walk: Int, position: Int)] = []
    visits.reserveCapacity(places.count)
    for place in places {
      let walk = Int(place) / stride
      if visits.last?.walk != walk { visits.append((walk, Int(place) % stride)) }
    }
    return visits
  }
}
