/// Peers that a search has met, from which end and where: a small hash table with open addressing, so
/// that a search of a large graph stays in the cache.
struct PeerMap {
  /// A step of one of the two sides.
  struct Place: Equatable {
    private let value: Int32

    /// Of a peer that no path may use.
    static let barred = Place(value: -1)

    private init(value: Int32) { self.value = value }

    init(step: Int, isNear: Bool) { value = Int32(step) << 1 | (isNear ? 1 : 0) }

    var step: Int { Int(value >> 1) }
    var isNear: Bool { value & 1 == 1 }
  }

  private struct Slot {
    var peer: PeerNumber = -1
    var place = Place.barred
  }

  private var slots: [Slot]
  private var used: [Int32] = []
  private var shift: UInt32

  init() {
    slots = Array(repeating: Slot(), count: 1 << 12)
    shift = 32 - 12
  }

  private func slot(_ peer: PeerNumber) -> Int {
    // Knuth's multiplicative hashing: the high bits are the mixed ones.
    var slot = Int((UInt32(bitPattern: peer) &* 0x9e37_79b1) >> shift)
    while slots[slot].peer != peer, slots[slot].peer >= 0 { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  /// Nil where the peer was not met.
  subscript(peer: PeerNumber) -> Place? {
    let slot = slot(peer)
    return slots[slot].peer >= 0 ? slots[slot].place : nil
  }

  /// Where the peer was met before; nil where that is now, at `place`.
  mutating func insert(_ peer: PeerNumber, _ place: Place) -> Place? {
    if used.count * 2 >= slots.count { grow() }
    let slot = slot(peer)
    if slots[slot].peer >= 0 { return slots[slot].place }
    slots[slot] = Slot(peer: peer, place: place)
    used.append(Int32(slot))
    return nil
  }

  mutating func removeAll() {
    for slot in used { slots[Int(slot)].peer = -1 }
    used.removeAll(keepingCapacity: true)
  }

  private mutating func grow() {
    let entries = used.map { slots[Int($0)] }
    slots = Array(repeating: Slot(), count: slots.count * 2)
    shift -= 1
    used.removeAll(keepingCapacity: true)
    for entry in entries { _ = insert(entry.peer, entry.place) }
  }
}
