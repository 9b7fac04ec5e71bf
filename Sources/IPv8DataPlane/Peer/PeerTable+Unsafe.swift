import IPv8Wire

/// A lane's contacts, found by their index without hashing and changed in place.
///
/// By addressors over memory of its own: a `_modify` accessor of an array's element takes its
/// coroutine frame from the heap, for every packet.
@safe
struct PeerTable<Peer: Sendable>: ~Copyable, @unchecked Sendable {
  /// The first slot stays empty: it is what indices without a slot read.
  private var slots: UnsafeMutablePointer<Peer?>
  private var count = 1

  init() {
    unsafe slots = .allocate(capacity: 1)
    unsafe slots.initialize(to: nil)
  }

  deinit {
    unsafe slots.deinitialize(count: count)
    unsafe slots.deallocate()
  }

  subscript(index: PeerIndex) -> Peer? {
    unsafeAddress {
      let isKnown = index.value >= 0 && index.value + 1 < count
      // Sound: the slots below `count`, of which there is always one, are initialised.
      return unsafe UnsafePointer(slots + (isKnown ? index.value + 1 : 0))
    }
    unsafeMutableAddress {
      precondition(index.value >= 0, "an index of a contact")
      if index.value + 1 >= count { grow(to: max(index.value + 2, 2 * count)) }
      // Sound: the slots below `count` are initialised, and this is one of them.
      return unsafe slots + (index.value + 1)
    }
  }

  /// Indices are given out from zero on, so the table grows with the contacts.
  private mutating func grow(to larger: Int) {
    let grown = UnsafeMutablePointer<Peer?>.allocate(capacity: larger)
    unsafe grown.moveInitialize(from: slots, count: count)
    unsafe (grown + count).initialize(repeating: nil, count: larger - count)
    unsafe slots.deallocate()
    unsafe slots = grown
    count = larger
  }

  mutating func remove(_ index: PeerIndex) -> Peer? {
    guard let peer = self[index] else { return nil }
    self[index] = nil
    return peer
  }

  /// The indices in use, ascending.
  var indices: [PeerIndex] {
    (0..<(count - 1)).map { PeerIndex($0) }.filter { self[$0] != nil }
  }
}
