import IPv8Wire

/// Rateless set reconciliation (docs/protocol/sync.md, Symbols): as many coded symbols as the
/// differences need, whatever the sizes of the sets. The asker says how many more.
public struct RatelessReconciliation: Reconciliation {
  public static let method: UInt8 = 1
  public static let isMutual = true
  /// Symbols asked for by one request.
  static let requestLimit = 2_048
  static let requestByteCount = 6
  /// Runs of lost symbols asked for at once.
  private static let gapLimit = 32

  private let own: Sketch
  private let firstCount: Int
  private var decoder: SymbolDecoder?
  /// Behind the last symbol asked for.
  private var asked = 0
  /// Symbols that have come when the next are asked for.
  private var awaited = 0

  init(own: Sketch, firstCount: Int) {
    self.own = own
    self.firstCount = min(max(firstCount, 1), Self.requestLimit, own.symbols.count)
  }

  public var differences: Differences? {
    guard let decoder, decoder.isComplete else { return nil }
    return decoder.differences
  }

  public mutating func start(_ table: RecordTable) -> [UInt8] {
    asked = firstCount
    awaited = firstCount
    return Self.request(first: 0, count: firstCount)
  }

  public mutating func learn(_ peer: SetSummary) {
    if decoder == nil { decoder = SymbolDecoder(own: own, peer: peer) }
  }

  public mutating func receive(
    _ answer: [UInt8], _ table: RecordTable
  ) throws(SyncFault) -> [[UInt8]] {
    guard let (first, symbols) = SymbolBatch.parse(answer) else { throw .malformed }
    guard first + symbols.count <= asked else { throw .unasked }
    guard decoder != nil, differences == nil else { return [] }
    try decoder?.add(symbols, first: first)
    guard differences == nil, let received = decoder?.received, received >= awaited else {
      return []
    }
    guard asked < own.symbols.count else { throw .tooMany }
    return more()
  }

  /// What got lost: without a long run of early symbols many elements would be in none.
  public mutating func retry(_ table: RecordTable) -> [[UInt8]] {
    guard let decoder, differences == nil else { return [] }
    let gaps = decoder.gaps(below: asked).prefix(Self.gapLimit)
    guard !gaps.isEmpty else { return asked < own.symbols.count ? more() : [] }
    awaited = decoder.received + gaps.reduce(0) { $0 + $1.count }
    return gaps.map { Self.request(first: $0.lowerBound, count: min($0.count, Self.requestLimit)) }
  }

  /// Asks for as many as the differences seem to need, and a few at a time from there on: what is
  /// too much is lost, what is too little costs a round trip.
  private mutating func more() -> [[UInt8]] {
    let received = decoder?.received ?? 0
    let differences = Double((decoder?.foundCount ?? 0) + (decoder?.estimate ?? 0))
    // So many it takes on average; the estimate is off by about the last factor.
    let needed = differences * (1.31 + 1.1 / max(differences, 1).squareRoot())
    let sure = Int(min(needed * (1 - 1.2 / Double(max(received, 1)).squareRoot()), 1e6))
    let step = max(8, received / 22)
    let count = min(
      max(sure - received, step), max(received, firstCount) * 8, own.symbols.count - asked)
    var requests: [[UInt8]] = []
    let end = asked + count
    while asked < end {
      let part = min(end - asked, Self.requestLimit)
      requests.append(Self.request(first: asked, count: part))
      asked += part
    }
    awaited = received + count
    return requests
  }

  static func request(first: Int, count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt32(first))
    bytes.append(bigEndian: UInt16(count))
    return bytes
  }
}

/// Sends the symbols of one state of a sketch.
struct RatelessAnswer: ReconciliationAnswer {
  let sketch: Sketch

  mutating func answer(_ request: [UInt8], _ table: RecordTable) throws(SyncFault) -> [[UInt8]] {
    guard request.count == RatelessReconciliation.requestByteCount else { throw .malformed }
    let span = request.rawSpan
    let first = Int(span.bigEndian(UInt32.self, at: 0))
    let count = Int(span.bigEndian(UInt16.self, at: 4))
    guard (1...RatelessReconciliation.requestLimit).contains(count),
      first + count <= sketch.symbols.count
    else { throw .malformed }
    var answers: [[UInt8]] = []
    var next = first
    while next < first + count {
      let end = min(next + SymbolBatch.limit, first + count)
      answers.append(SymbolBatch.bytes(sketch.symbols[next..<end]))
      next = end
    }
    return answers
  }
}

/// first(4) ‖ n × symbol(17)
enum SymbolBatch {
  /// 5 bytes of the message's head, 4 of this one's.
  static let limit = (SyncLimits.messageLimit - 9) / CodedSymbol.byteCount

  static func bytes(_ symbols: ArraySlice<CodedSymbol>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + symbols.count * CodedSymbol.byteCount)
    bytes.append(bigEndian: UInt32(symbols.startIndex))
    for symbol in symbols {
      symbol.element.append(to: &bytes)
      bytes.append(bigEndian: symbol.check)
      bytes.append(UInt8(truncatingIfNeeded: symbol.count))
    }
    return bytes
  }

  static func parse(_ bytes: [UInt8]) -> (first: Int, symbols: [CodedSymbol])? {
    let count = (bytes.count - 4) / CodedSymbol.byteCount
    guard bytes.count > 4, bytes.count == 4 + count * CodedSymbol.byteCount, count <= limit else {
      return nil
    }
    let span = bytes.rawSpan
    var symbols: [CodedSymbol] = []
    symbols.reserveCapacity(count)
    for index in 0..<count {
      let start = 4 + index * CodedSymbol.byteCount
      let element = SyncElement(span, at: start)
      symbols.append(
        CodedSymbol(
          tag: element.tag, check: span.bigEndian(UInt32.self, at: start + 12),
          name: element.name.value, count: Int32(bytes[start + 16])))
    }
    return (Int(span.bigEndian(UInt32.self, at: 0)), symbols)
  }
}
