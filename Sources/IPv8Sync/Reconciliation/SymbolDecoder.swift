/// Finds the differences between a peer's sketch and this host's own, from whichever of the peer's
/// symbols came.
struct SymbolDecoder: Sendable {
  private struct Found: Sendable {
    let element: SyncElement
    let seed: UInt64
    let check: UInt32
    /// At the first symbol behind all that came.
    var mapping: SymbolMapping
  }

  private let own: Sketch
  /// How many differences there are, as the tallies say.
  private let tallied: Int
  /// The peer's symbols less our own and less what was found.
  private var symbols: [CodedSymbol] = []
  private var isPresent: [Bool] = []
  /// Of the symbols those that no difference is in.
  private var wasVoid: [Bool] = []
  private(set) var received = 0
  private var found: [Found] = []
  private var elements: Set<SyncElement> = []
  /// What the digests and the power sums still differ by.
  private var digest: UInt64
  private var unresolved: PowerSums
  /// The last differences, which the power sums told.
  private var resolved: [SyncElement] = []

  init(own: Sketch, peer: SetSummary, beginning: SketchBeginning) {
    self.own = own
    digest = own.digest ^ peer.digest
    unresolved = own.sums
    unresolved.add(beginning.sums)
    tallied = own.tallies.differences(to: beginning.tallies, net: peer.count - own.count)
  }

  var isComplete: Bool { digest == 0 }
  var foundCount: Int { found.count }
  var differences: [SyncElement] { found.map(\.element) + resolved }

  /// Runs of symbols that did not come.
  func gaps(in asked: Range<Int>) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var start: Int?
    for index in asked {
      let isMissing = index >= isPresent.count || !isPresent[index]
      if isMissing, start == nil { start = index }
      if !isMissing, let first = start {
        gaps.append(first..<index)
        start = nil
      }
    }
    if let first = start { gaps.append(first..<asked.upperBound) }
    return gaps
  }

  /// Takes symbols `first`, `first` + 1 …; the caller saw to it that own ones exist.
  mutating func add(_ batch: [CodedSymbol], first: Int) throws(SyncFault) {
    let oldEnd = symbols.count
    while symbols.count < first + batch.count {
      symbols.append(CodedSymbol())
      isPresent.append(false)
      wasVoid.append(false)
    }
    var fresh: [Int] = []
    for (offset, symbol) in batch.enumerated() where !isPresent[first + offset] {
      let index = first + offset
      isPresent[index] = true
      received += 1
      fresh.append(index)
      symbols[index] = own.symbols[index]
      symbols[index].add(symbol.element, check: symbol.check)
      wasVoid[index] = symbols[index].isVoid
    }
    guard let lowest = fresh.first else { return }
    if lowest < oldEnd { takeOutOfLate(fresh.filter { $0 < oldEnd }) }
    takeOutOfNew()
    try peel(fresh)
  }

  private mutating func takeOutOfNew() {
    for index in found.indices {
      while found[index].mapping.index < symbols.count {
        takeOut(found[index], of: found[index].mapping.index)
        found[index].mapping.advance()
      }
    }
  }

  private mutating func takeOutOfLate(_ late: [Int]) {
    let wanted = Set(late)
    guard let last = late.last else { return }
    for one in found {
      var mapping = SymbolMapping(seed: one.seed)
      while mapping.index <= last {
        if wanted.contains(mapping.index) { takeOut(one, of: mapping.index) }
        mapping.advance()
      }
    }
  }

  private mutating func takeOut(_ one: Found, of index: Int) {
    guard isPresent[index] else { return }
    symbols[index].add(one.element, check: one.check)
  }

  private mutating func peel(_ fresh: [Int]) throws(SyncFault) {
    var waiting = fresh
    while let index = waiting.popLast() {
      guard let one = single(index) else { continue }
      // An honest peer's symbols give each element once, and another symbol is void for each.
      guard elements.insert(one.element).inserted, found.count < received else {
        throw .contradictory
      }
      digest ^= one.seed
      unresolved.add(one.element)
      var mapping = one.mapping
      while mapping.index < symbols.count {
        if isPresent[mapping.index] {
          takeOut(one, of: mapping.index)
          waiting.append(mapping.index)
        }
        mapping.advance()
      }
      found.append(
        Found(element: one.element, seed: one.seed, check: one.check, mapping: mapping))
    }
  }

  /// The only element left in a symbol, where there is only one.
  private func single(_ index: Int) -> Found? {
    let symbol = symbols[index]
    guard !symbol.isVoid else { return nil }
    let (seed, proof) = own.salt.hash(symbol.element)
    guard CodedSymbol.check(proof) == symbol.check else { return nil }
    // 24 bits of check are few; what is in a symbol also belongs there.
    var mapping = SymbolMapping(seed: seed)
    while mapping.index < index { mapping.advance() }
    guard mapping.index == index else { return nil }
    return Found(
      element: symbol.element, seed: seed, check: symbol.check, mapping: SymbolMapping(seed: seed))
  }

  /// The last few differences need no symbols; where there are more, nothing happens.
  mutating func resolve() throws(SyncFault) {
    guard let rest = try unresolved.elements() else { return }
    for element in rest {
      guard elements.insert(element).inserted else { throw .contradictory }
      digest ^= own.salt.hash(element).low
    }
    resolved = rest
    guard isComplete else { throw .contradictory }
  }

  /// About how many differences there are, found ones and others: so many that they would leave as
  /// many symbols void as are.
  var estimate: Int {
    let least = found.count + PowerSums.capacity + 1
    guard received > 0 else { return max(tallied, least) }
    let sample = stride(from: 0, to: symbols.count, by: received / Self.sampleCount + 1)
      .filter { isPresent[$0] }
    let voids = max(0.5, Double(sample.count { wasVoid[$0] }))
    var low = 0
    var high = Self.estimateLimit
    while low + 1 < high {
      let middle = (low + high) / 2
      let expected = sample.reduce(0) { $0 + (1 - SymbolMapping.density($1)).power(middle) }
      if expected > voids { low = middle } else { high = middle }
    }
    return max(low, least)
  }

  private static let sampleCount = 512
  private static let estimateLimit = 1 << 20
}

extension Double {
  fileprivate func power(_ exponent: Int) -> Double {
    var result = 1.0
    var square = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
