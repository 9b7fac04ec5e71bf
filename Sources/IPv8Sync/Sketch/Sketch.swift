/// The exclusive or of some elements and of their checks.
struct CodedSymbol: Equatable, Sendable {
  /// tag(4) ‖ name(8) ‖ check(3).
  static let byteCount = SyncElement.byteCount + 3

  var tag: UInt32 = 0
  var check: UInt32 = 0
  var name: UInt64 = 0

  /// Puts an element in, or takes it out: that is the same.
  @inline(__always)
  mutating func add(_ element: SyncElement, check: UInt32) {
    tag ^= element.tag
    name ^= element.name.value
    self.check ^= check
  }

  var element: SyncElement { SyncElement(tag: tag, name: RecordName(name)) }
  var isVoid: Bool { tag == 0 && name == 0 && check == 0 }

  /// What proves a sum of elements to be one.
  @inline(__always)
  static func check(_ proof: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: proof) & 0xff_ffff }
}

/// What tells the elements of a set under one salt from those of another set: power sums for a few
/// differences, coded symbols for more, tallies to know how many about, and a digest. Kept up by
/// each insertion and removal, so that a session begins with what is there.
struct Sketch: Sendable {
  let salt: SyncSalt
  private(set) var symbols: [CodedSymbol]
  private(set) var sums = PowerSums()
  private(set) var tallies = Tallies()
  private(set) var count = 0
  /// The exclusive or of the 64-bit hashes that no symbol carries whole.
  private(set) var digest: UInt64 = 0

  init(salt: SyncSalt, symbolCount: Int) {
    self.salt = salt
    symbols = Array(repeating: CodedSymbol(), count: symbolCount)
  }

  mutating func insert(_ element: SyncElement) { apply(element, times: 1) }
  mutating func remove(_ element: SyncElement) { apply(element, times: -1) }

  private mutating func apply(_ element: SyncElement, times: Int) {
    let (seed, proof) = salt.hash(element)
    digest ^= seed
    count += times
    sums.add(element)
    let check = CodedSymbol.check(proof)
    var mapping = SymbolMapping(seed: seed)
    while mapping.index < symbols.count {
      symbols[mapping.index].add(element, check: check)
      tallies.add(times, to: mapping.index)
      mapping.advance()
    }
  }
}
