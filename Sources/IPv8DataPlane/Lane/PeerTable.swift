import IPv8Wire

/// A lane's contacts, found by their index without hashing and changed in place.
struct PeerTable: Sendable {
  private var slots: [LanePeer?] = []

  subscript(index: PeerIndex) -> LanePeer? {
    get { slots.indices.contains(index.value) ? slots[index.value] : nil }
    _modify {
      // Indices are given out from zero on, so this grows by one at a time.
      while slots.count <= index.value { slots.append(nil) }
      yield &slots[index.value]
    }
  }

  mutating func remove(_ index: PeerIndex) -> LanePeer? {
    guard let peer = self[index] else { return nil }
    slots[index.value] = nil
    return peer
  }

  /// The indices in use, ascending.
  var indices: [PeerIndex] {
    slots.indices.lazy.filter { slots[$0] != nil }.map { PeerIndex($0) }
  }
}
