import IPv8Wire

/// A message of a session (docs/protocol/sync.md, Messages): the body of a control frame.
///
///     type(1) ‖ session(4) ‖ content; the answerer's types have their highest bit set
public struct SyncMessage: Equatable, Sendable {
  public struct Hello: Equatable, Sendable {
    static let byteCount = 21

    public let method: UInt8
    public let scope: UInt8
    /// The first coarse time that counts.
    public let floor: UInt32
    public let mark: UInt32
    public let summary: SetSummary
    /// The method's first request.
    public let request: [UInt8]
  }

  public enum Content: Equatable, Sendable {
    case hello(Hello)
    /// Nil where the sets are equal; else with the answer to the first request, where there is one.
    case state(SetSummary?, answer: [UInt8])
    case ask(serial: UInt16, [UInt8])
    case tell([UInt8])
    case want(serial: UInt16, [RecordName])
    case give([[UInt8]])
    case none([RecordName])
    case offer(serial: UInt16, [SyncElement])
    case taken(serial: UInt16)
    case end(SyncEnd)
  }

  static let headByteCount = 5
  /// Bytes of an answer of a method: so that it fits a STATE.
  static let answerLimit = SyncLimits.messageLimit - headByteCount - 12
  static let nameLimit = 128
  static let offerLimit = 90
  static let recordByteLimit = SyncLimits.messageLimit - headByteCount - 2
  private static let answererBit: UInt8 = 0x80

  public let session: UInt32
  public let isFromAnswerer: Bool
  public let content: Content

  init(_ session: UInt32, isFromAnswerer: Bool, _ content: Content) {
    self.session = session
    self.isFromAnswerer = isFromAnswerer
    self.content = content
  }

  /// Nil where the bytes are no message.
  public init?(_ body: [UInt8]) {
    guard body.count <= SyncLimits.messageLimit else { return nil }
    var reader = ByteReader(body.rawSpan)
    guard let message = try? Self.read(&reader) else { return nil }
    self = message
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> SyncMessage {
    let type = try reader.integer(UInt8.self)
    let session = try reader.integer(UInt32.self)
    let content = try content(type & ~answererBit, &reader)
    guard reader.remaining == 0 else { throw Truncated() }
    return SyncMessage(session, isFromAnswerer: type & answererBit != 0, content)
  }

  private static func content(
    _ type: UInt8, _ reader: inout ByteReader
  ) throws(Truncated) -> Content {
    switch type {
    case 1: return .hello(try hello(&reader))
    case 2:
      guard reader.remaining > 0 else { return .state(nil, answer: []) }
      let summary = try summary(&reader)
      return .state(summary, answer: try reader.array(reader.remaining))
    case 3:
      let serial = try reader.integer(UInt16.self)
      return .ask(serial: serial, try reader.array(reader.remaining))
    case 4: return .tell(try reader.array(reader.remaining))
    case 5:
      let serial = try reader.integer(UInt16.self)
      return .want(serial: serial, try names(&reader))
    case 6: return .give(try records(&reader))
    case 7: return .none(try names(&reader))
    case 8:
      let serial = try reader.integer(UInt16.self)
      return .offer(serial: serial, try elements(&reader))
    case 9: return .taken(serial: try reader.integer(UInt16.self))
    case 10:
      guard let end = SyncEnd(rawValue: try reader.integer(UInt8.self)) else { throw Truncated() }
      return .end(end)
    default: throw Truncated()
    }
  }

  private static func hello(_ reader: inout ByteReader) throws(Truncated) -> Hello {
    let method = try reader.integer(UInt8.self)
    let scope = try reader.integer(UInt8.self)
    let floor =
      UInt32(try reader.integer(UInt8.self)) << 16 | UInt32(try reader.integer(UInt16.self))
    let mark = try reader.integer(UInt32.self)
    let summary = try summary(&reader)
    return Hello(
      method: method, scope: scope, floor: floor, mark: mark, summary: summary,
      request: try reader.array(reader.remaining))
  }

  private static func summary(_ reader: inout ByteReader) throws(Truncated) -> SetSummary {
    SetSummary(
      count: Int(try reader.integer(UInt32.self)), digest: try reader.integer(UInt64.self))
  }

  private static func names(_ reader: inout ByteReader) throws(Truncated) -> [RecordName] {
    guard (8...nameLimit * 8).contains(reader.remaining) else { throw Truncated() }
    var names: [RecordName] = []
    while reader.remaining > 0 { names.append(RecordName(try reader.integer(UInt64.self))) }
    return names
  }

  private static func elements(_ reader: inout ByteReader) throws(Truncated) -> [SyncElement] {
    guard (12...offerLimit * 12).contains(reader.remaining) else { throw Truncated() }
    var elements: [SyncElement] = []
    while reader.remaining > 0 {
      let tag = try reader.integer(UInt32.self)
      elements.append(SyncElement(tag: tag, name: RecordName(try reader.integer(UInt64.self))))
    }
    return elements
  }

  private static func records(_ reader: inout ByteReader) throws(Truncated) -> [[UInt8]] {
    guard reader.remaining > 0 else { throw Truncated() }
    var records: [[UInt8]] = []
    while reader.remaining > 0 {
      let count = Int(try reader.integer(UInt16.self))
      guard count > 0 else { throw Truncated() }
      records.append(try reader.array(count))
    }
    return records
  }
}

/// Why a session ends, as its message says.
public enum SyncEnd: UInt8, Sendable {
  case done = 0
  /// Nobody knows this session here.
  case unknown = 1
  /// The salts differ.
  case otherSalt = 2
  /// The peer broke the rules.
  case fault = 3
  /// The scope or the method is none of this host's.
  case unsupported = 4
  /// The peer begins too often, or broke the rules lately.
  case busy = 5
}

extension SyncMessage {
  public var body: [UInt8] {
    var bytes: [UInt8] = [type | (isFromAnswerer ? Self.answererBit : 0)]
    bytes.append(bigEndian: session)
    switch content {
    case .hello(let hello):
      bytes += [hello.method, hello.scope, UInt8(truncatingIfNeeded: hello.floor >> 16)]
      bytes.append(bigEndian: UInt16(truncatingIfNeeded: hello.floor))
      bytes.append(bigEndian: hello.mark)
      Self.append(hello.summary, to: &bytes)
      bytes += hello.request
    case .state(let summary, let answer):
      if let summary { Self.append(summary, to: &bytes) }
      bytes += answer
    case .ask(let serial, let request):
      bytes.append(bigEndian: serial)
      bytes += request
    case .tell(let answer): bytes += answer
    case .want(let serial, let names):
      bytes.append(bigEndian: serial)
      for name in names { bytes.append(bigEndian: name.value) }
    case .give(let records):
      for record in records {
        bytes.append(bigEndian: UInt16(record.count))
        bytes += record
      }
    case .none(let names):
      for name in names { bytes.append(bigEndian: name.value) }
    case .offer(let serial, let elements):
      bytes.append(bigEndian: serial)
      for element in elements { element.append(to: &bytes) }
    case .taken(let serial): bytes.append(bigEndian: serial)
    case .end(let end): bytes.append(end.rawValue)
    }
    return bytes
  }

  private var type: UInt8 {
    switch content {
    case .hello: 1
    case .state: 2
    case .ask: 3
    case .tell: 4
    case .want: 5
    case .give: 6
    case .none: 7
    case .offer: 8
    case .taken: 9
    case .end: 10
    }
  }

  private static func append(_ summary: SetSummary, to bytes: inout [UInt8]) {
    bytes.append(bigEndian: UInt32(clamping: summary.count))
    bytes.append(bigEndian: summary.digest)
  }
}
