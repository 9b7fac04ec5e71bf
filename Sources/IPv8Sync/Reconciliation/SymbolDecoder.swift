/// Finds the differences between a peer's coded symbols and this host's own, whichever of them came.
struct SymbolDecoder: Sendable {
  private struct Found: Sendable {
    let element: SyncElement
    let seed: UInt64
    let check: UInt32
    /// 1 for the peer's, -1 for this host's own.
    let sign: Int32
    /// At the first symbol behind all that came.
    var mapping: SymbolMapping
  }

  private let own: Sketch
  private let peer: SetSummary
  /// The peer's symbols less our own and less what was found.
  private var symbols: [CodedSymbol] = []
  private var isPresent: [Bool] = []
  private(set) var received = 0
  private var found: [Found] = []
  private var elements: Set<SyncElement> = []
  /// What the digests and counts still differ by.
  private var digest: UInt64
  private var net: Int

  init(own: Sketch, peer: SetSummary) {
    self.own = own
    self.peer = peer
    digest = own.digest ^ peer.digest
    net = peer.count - own.count
  }

  var isComplete: Bool { digest == 0 && net == 0 }
  var foundCount: Int { found.count }

  var differences: Differences {
    var differences = Differences()
    for one in found {
      if one.sign > 0 {
        differences.lacking.append(one.element)
      } else {
        differences.extra.append(one.element)
      }
    }
    return differences
  }

  /// Runs of symbols below `end` that did not come.
  func gaps(below end: Int) -> [Range<Int>] {
    var gaps: [Range<Int>] = []
    var start: Int?
    for index in 0..<min(end, isPresent.count) {
      if !isPresent[index], start == nil { start = index }
      if isPresent[index], let first = start {
        gaps.append(first..<index)
        start = nil
      }
    }
    let first = start ?? isPresent.count
    if first < end { gaps.append(first..<end) }
    return gaps
  }

  /// Takes symbols `first`, `first` + 1 …; the caller saw to it that own ones exist.
  mutating func add(_ batch: [CodedSymbol], first: Int) throws(SyncFault) {
    let oldEnd = symbols.count
    while symbols.count < first + batch.count {
      symbols.append(CodedSymbol())
      isPresent.append(false)
    }
    var fresh: [Int] = []
    for (offset, symbol) in batch.enumerated() where !isPresent[first + offset] {
      let index = first + offset
      isPresent[index] = true
      received += 1
      fresh.append(index)
      symbols[index] = own.symbols[index]
      symbols[index].add(symbol.element, check: symbol.check, times: 0)
      symbols[index].count = symbol.count &- symbols[index].count
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
    symbols[index].add(one.element, check: one.check, times: -one.sign)
  }

  private mutating func peel(_ fresh: [Int]) throws(SyncFault) {
    var waiting = fresh
    while let index = waiting.popLast() {
      guard let one = single(index) else { continue }
      // An honest peer's symbols give each element once.
      guard elements.insert(one.element).inserted, found.count < own.count + peer.count else {
        throw .contradictory
      }
      digest ^= one.seed
      net -= Int(one.sign)
      var mapping = one.mapping
      while mapping.index < symbols.count {
        if isPresent[mapping.index] {
          takeOut(one, of: mapping.index)
          waiting.append(mapping.index)
        }
        mapping.advance()
      }
      found.append(
        Found(
          element: one.element, seed: one.seed, check: one.check, sign: one.sign, mapping: mapping))
    }
  }

  /// The only element left in a symbol, where there is only one.
  private func single(_ index: Int) -> Found? {
    let symbol = symbols[index]
    let count = Int8(truncatingIfNeeded: symbol.count)
    guard count == 1 || count == -1 else { return nil }
    let (seed, proof) = own.salt.hash(symbol.element)
    guard UInt32(truncatingIfNeeded: proof) == symbol.check else { return nil }
    return Found(
      element: symbol.element, seed: seed, check: symbol.check, sign: Int32(count),
      mapping: SymbolMapping(seed: seed))
  }

  /// How many differences are not found yet, from how far the symbols' counts lie from what they
  /// would be on average: their variance is the number times density × (1 − density).
  var estimate: Int {
    var deviation = 0.0
    var weight = 0.0
    for index in max(4, symbols.count / 8)..<max(4, symbols.count) where isPresent[index] {
      let density = SymbolMapping.density(index)
      let mean = Int32(truncatingIfNeeded: Int((Double(net) * density).rounded()))
      let apart = Double(Int8(truncatingIfNeeded: symbols[index].count &- mean))
      let rest = Double(net) * density - Double(mean)
      deviation += (apart - rest) * (apart - rest)
      weight += density * (1 - density)
    }
    let estimate = weight > 0 ? min(deviation / weight, 1e9) : 0
    return max(Int(estimate), net.magnitude > 1_000_000_000 ? 1_000_000_000 : abs(net))
  }
}
