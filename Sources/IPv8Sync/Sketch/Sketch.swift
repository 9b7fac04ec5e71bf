/// The exclusive or of some elements and of their checks, and how many they are.
struct CodedSymbol: Equatable, Sendable {
  /// tag(4) ‖ name(8) ‖ check(4) ‖ count(1), the count modulo 256.
  static let byteCount = SyncElement.byteCount + 5

  var tag: UInt32 = 0
  var check: UInt32 = 0
  var name: UInt64 = 0
  var count: Int32 = 0

  @inline(__always)
  mutating func add(_ element: SyncElement, check: UInt32, times: Int32) {
    tag ^= element.tag
    name ^= element.name.value
    self.check ^= check
    count &+= times
  }

  var element: SyncElement { SyncElement(tag: tag, name: RecordName(name)) }
  var isVoid: Bool { tag == 0 && name == 0 && check == 0 }
}

/// The first coded symbols of a set of elements under one salt, and a digest of the set. Kept up by
/// each insertion and removal, so that a session begins with what is there.
struct Sketch: Sendable {
  let salt: SyncSalt
  private(set) var symbols: [CodedSymbol]
  private(set) var count = 0
  /// The exclusive or of the 64-bit hashes that no symbol carries whole.
  private(set) var digest: UInt64 = 0

  init(salt: SyncSalt, symbolCount: Int) {
    self.salt = salt
    symbols = Array(repeating: CodedSymbol(), count: symbolCount)
  }

  mutating func insert(_ element: SyncElement) { apply(element, times: 1) }
  mutating func remove(_ element: SyncElement) { apply(element, times: -1) }

  private mutating func apply(_ element: SyncElement, times: Int32) {
    let (seed, proof) = salt.hash(element)
    digest ^= seed
    count += Int(times)
    let check = UInt32(truncatingIfNeeded: proof)
    var mapping = SymbolMapping(seed: seed)
    while mapping.index < symbols.count {
      symbols[mapping.index].add(element, check: check, times: times)
      mapping.advance()
    }
  }
}
