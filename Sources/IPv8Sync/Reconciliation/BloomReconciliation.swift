import IPv8Wire

/// Bloom filters as Dispersy had them, for comparison (docs/protocol/sync.md, Filters): each message
/// holds a filter of the own names in one range, and the peer answers what is not in it. One element
/// in a hundred is missed, another one in the next session; what the peer lacks is not found.
public struct BloomReconciliation: Reconciliation {
  public static let method: UInt8 = 3
  public static let isMutual = false
  /// Requests under way.
  private static let window = 16
  /// Own entries of one filter, at 9.6 bits each.
  static let capacity = BloomFilter.byteLimit * 8 * 10 / 96

  private let salt: SyncSalt
  private let whole: NameRange
  private let round: UInt32
  /// What no filter was sent for yet, the last first.
  private var waiting: [NameRange] = []
  /// Filters sent, with the parts of their answers that are missing.
  private var open: [UInt64: (range: NameRange, missing: Set<UInt16>?)] = [:]
  private var isStarted = false
  private var found = Differences()

  /// - Parameter round: makes other elements be missed.
  public init(salt: SyncSalt, floor: UInt32 = 0, round: UInt32) {
    self.salt = salt
    self.round = round
    whole = NameRange(lower: RecordName.first(of: floor).value, upper: nil)
  }

  public var differences: Differences? {
    isStarted && waiting.isEmpty && open.isEmpty ? found : nil
  }

  public mutating func start(_ table: RecordTable) -> [UInt8] {
    isStarted = true
    let count = table.sum(whole).count
    waiting = table.split(whole, count: count, parts: count / Self.capacity + 1).reversed()
    return next(table) ?? []
  }

  public mutating func learn(_ peer: SetSummary) {}

  public mutating func receive(
    _ answer: [UInt8], _ table: RecordTable
  ) throws(SyncFault) -> [[UInt8]] {
    guard let answer = BloomReply(answer) else { throw .malformed }
    guard let (range, missing) = open[answer.lower] else { return [] }
    guard missing == nil || missing?.contains(answer.part) == true else { return [] }
    guard answer.elements.allSatisfy({ range.contains($0.name.value) }) else { throw .unasked }
    var rest = missing ?? Set(0..<answer.parts)
    rest.remove(answer.part)
    open[answer.lower] = rest.isEmpty ? nil : (range, rest)
    found.lacking += answer.elements
    guard found.lacking.count <= SyncLimits.rangeLimit else { throw .tooMany }
    var requests: [[UInt8]] = []
    while open.count < Self.window, let request = next(table) { requests.append(request) }
    return requests
  }

  public mutating func retry(_ table: RecordTable) -> [[UInt8]] {
    // Parts that came are in the differences; all parts of what is asked again would be, too.
    let again = open.values.filter { $0.missing == nil }.map { filter($0.range, table) }
    let partial = open.values.filter { $0.missing != nil }.map { filter($0.range, table) }
    return again + partial
  }

  private mutating func next(_ table: RecordTable) -> [UInt8]? {
    guard let range = waiting.popLast() else { return nil }
    open[range.lower] = (range, nil)
    return filter(range, table)
  }

  private func filter(_ range: NameRange, _ table: RecordTable) -> [UInt8] {
    var filter = BloomFilter(range: range, round: round, count: table.sum(range).count)
    table.visit(range) { entry in
      filter.insert(salt.hash(table.element(of: entry, salt: salt)))
      return true
    }
    return filter.bytes
  }
}

/// lower(8) ‖ upper(8), 0 for the end ‖ round(4) ‖ bits
struct BloomFilter {
  /// Room beside the head of HELLO and that of the filter.
  static let byteLimit = SyncLimits.messageLimit - 26 - 20
  private static let hashes = 7

  let range: NameRange
  private let round: UInt32
  private var bits: [UInt8]

  init(range: NameRange, round: UInt32, count: Int) {
    self.range = range
    self.round = round
    bits = Array(repeating: 0, count: min(Self.byteLimit, max(8, (count * 96 + 79) / 80)))
  }

  init?(_ bytes: [UInt8]) {
    guard (28...20 + Self.byteLimit).contains(bytes.count) else { return nil }
    let span = bytes.rawSpan
    let upper = span.bigEndian(UInt64.self, at: 8)
    range = NameRange(
      lower: span.bigEndian(UInt64.self, at: 0), upper: upper == 0 ? nil : upper)
    guard !range.isEmpty else { return nil }
    round = span.bigEndian(UInt32.self, at: 16)
    bits = Array(bytes[20...])
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: range.lower)
    bytes.append(bigEndian: range.upper ?? 0)
    bytes.append(bigEndian: round)
    return bytes + bits
  }

  private func place(_ number: Int, _ hash: (low: UInt64, high: UInt64)) -> Int {
    let start = (hash.low ^ UInt64(round)) &* 0x9e37_79b9_7f4a_7c15
    let place = (start ^ start >> 29) &+ UInt64(number) &* (hash.high | 1)
    return Int((place >> 16) % UInt64(bits.count * 8))
  }

  mutating func insert(_ hash: (low: UInt64, high: UInt64)) {
    for number in 0..<Self.hashes {
      let place = place(number, hash)
      bits[place / 8] |= 1 << UInt8(place % 8)
    }
  }

  func contains(_ hash: (low: UInt64, high: UInt64)) -> Bool {
    (0..<Self.hashes).allSatisfy { number in
      let place = place(number, hash)
      return bits[place / 8] & 1 << UInt8(place % 8) != 0
    }
  }
}

/// lower(8) ‖ part(2) ‖ parts(2) ‖ n × element(12)
struct BloomReply {
  static let elementLimit = (SyncMessage.answerLimit - 12) / SyncElement.byteCount

  let lower: UInt64
  let part: UInt16
  let parts: UInt16
  let elements: [SyncElement]

  init(lower: UInt64, part: UInt16, parts: UInt16, elements: [SyncElement]) {
    self.lower = lower
    self.part = part
    self.parts = parts
    self.elements = elements
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 12, (bytes.count - 12) % SyncElement.byteCount == 0 else { return nil }
    let span = bytes.rawSpan
    lower = span.bigEndian(UInt64.self, at: 0)
    part = span.bigEndian(UInt16.self, at: 8)
    parts = span.bigEndian(UInt16.self, at: 10)
    elements = stride(from: 12, to: bytes.count, by: SyncElement.byteCount).map {
      SyncElement(span, at: $0)
    }
    guard part < parts, elements.count <= Self.elementLimit else { return nil }
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: lower)
    bytes.append(bigEndian: part)
    bytes.append(bigEndian: parts)
    for element in elements { element.append(to: &bytes) }
    return bytes
  }
}

/// Answers filters out of the table as it is.
struct BloomAnswer: ReconciliationAnswer {
  /// Answers to one filter; what is left is found in a later session.
  static let partLimit = 64
  /// Entries looked at for one filter.
  static let visitLimit = 65_536

  let salt: SyncSalt
  let floor: UInt64

  mutating func answer(_ request: [UInt8], _ table: RecordTable) throws(SyncFault) -> [[UInt8]] {
    guard let filter = BloomFilter(request) else { throw .malformed }
    guard filter.range.lower >= floor else { throw .unasked }
    var absent: [SyncElement] = []
    var visits = 0
    table.visit(filter.range) { entry in
      visits += 1
      let element = table.element(of: entry, salt: salt)
      if !filter.contains(salt.hash(element)) { absent.append(element) }
      return absent.count < BloomReply.elementLimit * Self.partLimit && visits < Self.visitLimit
    }
    let size = BloomReply.elementLimit
    let parts = max(1, (absent.count + size - 1) / size)
    return (0..<parts).map { part in
      let elements = Array(absent[(part * size)..<min((part + 1) * size, absent.count)])
      return BloomReply(
        lower: filter.range.lower, part: UInt16(part), parts: UInt16(parts), elements: elements
      ).bytes
    }
  }
}
