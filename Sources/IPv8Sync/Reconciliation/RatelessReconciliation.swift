import IPv8Wire

/// Rateless set reconciliation (docs/protocol/sync.md, Symbols): a few differences are told by the
/// first answer; for more the asker asks for as many coded symbols as they need, whatever the sizes
/// of the sets.
public struct RatelessReconciliation: Reconciliation {
  public static let method: UInt8 = 1
  public static let isMutual = true
  /// Runs of lost symbols asked for at once.
  private static let gapLimit = 32
  /// Symbols that a difference takes, on average.
  private static let ratio = 1.3

  private let own: Sketch
  private let floor: UInt32
  private var peer: SetSummary?
  private var decoder: SymbolDecoder?
  /// Symbols asked for.
  private var asked = 0..<0
  /// Symbols that have come when the next are asked for.
  private var awaited = 0
  /// Of the table at first.
  private var changes: UInt64 = 0
  public private(set) var differences: Differences?

  /// - Parameter floor: the first coarse time that is in the sketch.
  init(own: Sketch, floor: UInt32) {
    self.own = own
    self.floor = floor
  }

  public mutating func start(_ table: RecordTable) -> [UInt8] {
    changes = table.changes
    return []
  }

  public mutating func learn(_ peer: SetSummary) { self.peer = peer }

  public mutating func receive(
    _ answer: [UInt8], _ table: RecordTable
  ) throws(SyncFault) -> [[UInt8]] {
    guard let peer, differences == nil else { return [] }
    if let beginning = SketchBeginning(answer) {
      guard decoder == nil else { return [] }
      // A symbol tells one difference at most.
      guard abs(peer.count - own.count) <= own.symbols.count else { throw .tooMany }
      decoder = SymbolDecoder(own: own, peer: peer, beginning: beginning)
    } else {
      guard let (first, symbols) = SymbolBatch.parse(answer) else { throw .malformed }
      guard asked.contains(first), first + symbols.count <= asked.upperBound else { throw .unasked }
      try decoder?.add(symbols, first: first)
    }
    let isWhole = (decoder?.received ?? 0) >= awaited
    if isWhole, decoder?.isComplete == false { try decoder?.resolve() }
    guard let decoder else { return [] }
    guard !decoder.isComplete else {
      differences = try sided(decoder.differences, peer, table)
      return []
    }
    guard isWhole else { return [] }
    guard asked.count < own.symbols.count else { throw .tooMany }
    return more(decoder)
  }

  /// Whose the differences are, as the table says.
  private func sided(
    _ elements: [SyncElement], _ peer: SetSummary, _ table: RecordTable
  ) throws(SyncFault) -> Differences {
    var sided = Differences()
    for element in elements {
      if table.counts(element, salt: own.salt, floor: floor) {
        sided.extra.append(element)
      } else {
        sided.lacking.append(element)
      }
    }
    let isRight = sided.lacking.count - sided.extra.count == peer.count - own.count
    // What changed meanwhile is on the side where it is now, which is as well.
    guard isRight || table.changes != changes else { throw .contradictory }
    return sided
  }

  /// What got lost.
  public mutating func retry(_ table: RecordTable) -> [[UInt8]] {
    guard differences == nil else { return [] }
    guard let decoder else { return [[]] }
    let gaps = decoder.gaps(in: asked).prefix(Self.gapLimit)
    guard !gaps.isEmpty else { return asked.count < own.symbols.count ? more(decoder) : [] }
    awaited = decoder.received + gaps.reduce(0) { $0 + $1.count }
    return gaps.map { SymbolRequest.bytes($0.prefix(SymbolRequest.limit)) }
  }

  /// Asks for nearly as many as the differences seem to need, and a few at a time from there on: what
  /// is too much is lost, what is too little costs a round trip.
  private mutating func more(_ decoder: SymbolDecoder) -> [[UInt8]] {
    let received = decoder.received
    let estimate = decoder.estimate
    // The estimate is off by a third at first, then by about the last factor.
    let share = received == 0 ? 0.6 : 1 - 1.2 / Double(received).squareRoot()
    let sure = Int(Double(estimate) * Self.ratio * share)
    var count = max(sure - received, 8, received / 14)
    if received == 0 {
      // The first symbols hold so many elements each that they tell last: the power sums spare them.
      // From there on about four elements are in no symbol.
      let first = min(Int(2.5 * Double(estimate).squareRoot()), own.symbols.count / 2)
      asked = first..<first
    } else {
      count = min(count, max(received, 16) * 8)
    }
    // Few that are left are rather alone in earlier symbols.
    let isBackward =
      received > 0 && estimate - decoder.foundCount < asked.lowerBound / 2
      || asked.upperBound == own.symbols.count
    var next: Range<Int>
    if isBackward, asked.lowerBound > 0 {
      next = max(0, asked.lowerBound - count)..<asked.lowerBound
      asked = next.lowerBound..<asked.upperBound
    } else {
      next = asked.upperBound..<min(asked.upperBound + count, own.symbols.count)
      asked = asked.lowerBound..<next.upperBound
    }
    awaited = received + next.count
    var requests: [[UInt8]] = []
    while !next.isEmpty {
      requests.append(SymbolRequest.bytes(next.prefix(SymbolRequest.limit)))
      next = next.dropFirst(SymbolRequest.limit)
    }
    return requests
  }
}

/// Answers out of one state of a sketch.
struct RatelessAnswer: ReconciliationAnswer {
  let sketch: Sketch

  mutating func answer(_ request: [UInt8], _ table: RecordTable) throws(SyncFault) -> [[UInt8]] {
    guard !request.isEmpty else { return [SketchBeginning(sketch).bytes] }
    guard let asked = SymbolRequest.parse(request), asked.upperBound <= sketch.symbols.count else {
      throw .malformed
    }
    return stride(from: asked.lowerBound, to: asked.upperBound, by: SymbolBatch.limit).map {
      SymbolBatch.bytes(sketch.symbols[$0..<min($0 + SymbolBatch.limit, asked.upperBound)])
    }
  }
}
