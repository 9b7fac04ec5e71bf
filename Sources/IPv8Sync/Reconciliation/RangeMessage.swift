import IPv8Wire

/// What a message says of one range of names.
struct RangeItem: Equatable {
  enum Content: Equatable {
    case fingerprint(UInt64)
    /// A request: send your elements.
    case list
    /// An answer: these are all.
    case elements([SyncElement])
    /// An answer: your fingerprint is mine.
    case same
  }

  let range: NameRange
  let content: Content
}

/// Ranges in ascending order, each from where the one before it ends unless a skip lies between.
///
///     lower bound ‖ n × { head(1) = mode(4 bits), length(4 bits) ‖ upper bound(length) ‖ content }
///
/// A bound is the first bytes of a name, the rest zero; an upper one of length 0 lies behind all.
enum RangeMessage {
  private static let skip: UInt8 = 0
  private static let fingerprint: UInt8 = 1
  private static let list: UInt8 = 2
  private static let elements: UInt8 = 3
  private static let same: UInt8 = 4

  static let byteLimit = SyncMessage.answerLimit
  /// So that any list fits a message.
  static let listLimit = 64

  /// As few messages as hold the items, which ascend.
  static func messages(_ items: [RangeItem]) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var bytes: [UInt8] = []
    var end: UInt64?
    for item in items {
      var part: [UInt8] = []
      if !bytes.isEmpty, let end, end != item.range.lower {
        append(skip, upper: item.range.lower, to: &part)
      }
      append(item, to: &part)
      if bytes.isEmpty || bytes.count + part.count > byteLimit {
        if !bytes.isEmpty { messages.append(bytes) }
        bytes = []
        let length = boundLength(item.range.lower)
        bytes.append(UInt8(length))
        appendBound(item.range.lower, length, to: &bytes)
        append(item, to: &bytes)
      } else {
        bytes += part
      }
      end = item.range.upper
    }
    if !bytes.isEmpty { messages.append(bytes) }
    return messages
  }

  private static func append(_ item: RangeItem, to bytes: inout [UInt8]) {
    switch item.content {
    case .fingerprint(let value):
      append(fingerprint, upper: item.range.upper, to: &bytes)
      bytes.append(bigEndian: value)
    case .list: append(list, upper: item.range.upper, to: &bytes)
    case .same: append(same, upper: item.range.upper, to: &bytes)
    case .elements(let all):
      append(elements, upper: item.range.upper, to: &bytes)
      bytes.append(UInt8(all.count))
      for element in all { element.append(to: &bytes) }
    }
  }

  private static func append(_ mode: UInt8, upper: UInt64?, to bytes: inout [UInt8]) {
    let length = upper.map(boundLength) ?? 0
    bytes.append(mode << 4 | UInt8(length))
    appendBound(upper ?? 0, length, to: &bytes)
  }

  private static func boundLength(_ bound: UInt64) -> Int { 8 - bound.trailingZeroBitCount / 8 }

  private static func appendBound(_ bound: UInt64, _ length: Int, to bytes: inout [UInt8]) {
    for index in 0..<length {
      bytes.append(UInt8(truncatingIfNeeded: bound >> UInt64(56 - 8 * index)))
    }
  }

  /// Nil where the bytes are not what ``messages(_:)`` makes.
  static func parse(_ bytes: [UInt8]) -> [RangeItem]? {
    var reader = ByteReader(bytes.rawSpan)
    return try? read(&reader)
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> [RangeItem] {
    let length = Int(try reader.integer(UInt8.self))
    var lower: UInt64? = try bound(length, &reader)
    var items: [RangeItem] = []
    while reader.remaining > 0 {
      let head = try reader.integer(UInt8.self)
      let upper = head & 15 == 0 ? nil : try bound(Int(head & 15), &reader)
      guard let from = lower else { throw Truncated() }
      let range = NameRange(lower: from, upper: upper)
      guard !range.isEmpty else { throw Truncated() }
      switch head >> 4 {
      case skip: break
      case fingerprint:
        items.append(
          RangeItem(range: range, content: .fingerprint(try reader.integer(UInt64.self))))
      case list: items.append(RangeItem(range: range, content: .list))
      case same: items.append(RangeItem(range: range, content: .same))
      case elements:
        items.append(RangeItem(range: range, content: .elements(try all(in: range, &reader))))
      default: throw Truncated()
      }
      lower = upper
    }
    return items
  }

  private static func all(
    in range: NameRange, _ reader: inout ByteReader
  ) throws(Truncated) -> [SyncElement] {
    let count = Int(try reader.integer(UInt8.self))
    guard count <= listLimit else { throw Truncated() }
    var all: [SyncElement] = []
    for _ in 0..<count {
      let tag = try reader.integer(UInt32.self)
      let element = SyncElement(tag: tag, name: RecordName(try reader.integer(UInt64.self)))
      guard range.contains(element.name.value) else { throw Truncated() }
      all.append(element)
    }
    return all
  }

  private static func bound(_ length: Int, _ reader: inout ByteReader) throws(Truncated) -> UInt64 {
    guard length <= 8 else { throw Truncated() }
    var bound: UInt64 = 0
    for index in 0..<length {
      bound |= UInt64(try reader.integer(UInt8.self)) << UInt64(56 - 8 * index)
    }
    guard boundLength(bound) == length else { throw Truncated() }
    return bound
  }
}
