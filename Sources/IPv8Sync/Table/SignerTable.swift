import IPv8Wire

/// A PermID as the four little-endian words that its tag is made of.
struct SignerKey: Equatable {
  let words: (UInt64, UInt64, UInt64, UInt64)

  init(_ signer: PermID) {
    let words = signer.words
    self.words = (
      words.0.byteSwapped, words.1.byteSwapped, words.2.byteSwapped, words.3.byteSwapped
    )
  }

  /// The part of its tags that is the same under all salts.
  var bucket: Int { Int(words.0.byteSwapped >> 52) }

  var permID: PermID? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(PermID.byteCount)
    bytes.append(bigEndian: words.0.byteSwapped)
    bytes.append(bigEndian: words.1.byteSwapped)
    bytes.append(bigEndian: words.2.byteSwapped)
    bytes.append(bigEndian: words.3.byteSwapped)
    return PermID(bytes)
  }

  static func == (a: SignerKey, b: SignerKey) -> Bool { a.words == b.words }
}

/// The signers of a table, each once, by number. About 56 bytes a signer.
struct SignerTable: Sendable {
  /// No signer has this number.
  private static let none = UInt32.max

  private(set) var keys: [SignerKey] = []
  /// Records of each; 0 for a number that is free.
  private(set) var uses: [UInt32] = []
  private var free: [UInt32] = []
  /// Open addressing, linear probing; at most half full.
  private var slots = [UInt32](repeating: none, count: 16)
  private let seed: UInt64
  /// The numbers of those whose tags begin alike.
  private var buckets = [[UInt32]](repeating: [], count: bucketCount)
  private static let bucketCount = 4_096

  init(seed: UInt64) { self.seed = seed }

  /// Makes room for so many signers in all.
  mutating func reserve(_ count: Int) {
    keys.reserveCapacity(count)
    uses.reserveCapacity(count)
    var size = slots.count
    while size < count * 2 { size *= 2 }
    if size > slots.count { resize(to: size) }
  }

  private func home(_ key: SignerKey) -> Int {
    var hash = (key.words.0 ^ seed) &* 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ hash >> 32 ^ key.words.1) &* 0xbf58_476d_1ce4_e5b9
    return Int(truncatingIfNeeded: hash >> 32) & (slots.count - 1)
  }

  func number(of key: SignerKey) -> UInt32? {
    var slot = home(key)
    while slots[slot] != Self.none {
      if keys[Int(slots[slot])] == key { return slots[slot] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// The signer's number, with one more use.
  mutating func use(_ key: SignerKey) -> UInt32 {
    if let number = number(of: key) {
      uses[Int(number)] += 1
      return number
    }
    let number: UInt32
    if let old = free.popLast() {
      number = old
      keys[Int(old)] = key
      uses[Int(old)] = 1
    } else {
      number = UInt32(keys.count)
      keys.append(key)
      uses.append(1)
    }
    buckets[key.bucket].append(number)
    if (keys.count - free.count) * 2 > slots.count {
      resize(to: slots.count * 2)
    } else {
      place(number)
    }
    return number
  }

  private mutating func place(_ number: UInt32) {
    var slot = home(keys[Int(number)])
    while slots[slot] != Self.none { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = number
  }

  private mutating func resize(to size: Int) {
    slots = [UInt32](repeating: Self.none, count: size)
    for number in keys.indices where uses[number] > 0 { place(UInt32(number)) }
  }

  mutating func release(_ number: UInt32) {
    uses[Int(number)] -= 1
    guard uses[Int(number)] == 0 else { return }
    var hole = home(keys[Int(number)])
    while slots[hole] != number { hole = (hole + 1) & (slots.count - 1) }
    free.append(number)
    let bucket = keys[Int(number)].bucket
    if let place = buckets[bucket].firstIndex(of: number) { buckets[bucket].remove(at: place) }
    // What was pushed past the hole moves back into it.
    let mask = slots.count - 1
    var next = (hole + 1) & mask
    while slots[next] != Self.none {
      let wanted = home(keys[Int(slots[next])])
      if (next - wanted) & mask >= (next - hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    slots[hole] = Self.none
  }

  /// Whose tags these are. Looks at no signer whose tags begin otherwise, and at each once.
  func signers(of tags: Set<UInt32>, salt: SyncSalt) -> [UInt32: PermID] {
    var found: [UInt32: PermID] = [:]
    for bucket in Set(tags.map { Int($0 >> 20) }) {
      for number in buckets[bucket] {
        let tag = salt.tag(keys[Int(number)])
        if tags.contains(tag) { found[tag] = keys[Int(number)].permID }
      }
    }
    return found
  }
}
