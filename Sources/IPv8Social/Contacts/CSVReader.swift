/// Rows of comma-separated values (RFC 4180), with line ends of either kind, also in quoted fields.
struct CSVReader {
  struct Row {
    /// Where it begins.
    let line: Int
    let fields: [[UInt8]]
    /// Nil where the row is well-formed.
    let refusal: ContactRefusal?
  }

  static let fieldLimit = 256

  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { offset = 3 }
  }

  /// The next row that is not empty; nil at the end.
  mutating func next() -> Row? {
    while offset < bytes.count {
      let start = line
      var fields: [[UInt8]] = []
      var refusal: ContactRefusal?
      var isLast = false
      while !isLast {
        let field = self.field(&refusal)
        if fields.count < Self.fieldLimit { fields.append(field) }
        if fields.count == Self.fieldLimit { refusal = refusal ?? .tooLong }
        isLast = !skip(.comma)
      }
      _ = skip(.carriageReturn)
      if skip(.newline) { line += 1 }
      if fields.count > 1 || fields[0].contains(where: { !$0.isBlank }) || refusal != nil {
        return Row(line: start, fields: fields, refusal: refusal)
      }
    }
    return nil
  }

  /// One field; the place is then at the comma, the line's end or the file's.
  private mutating func field(_ refusal: inout ContactRefusal?) -> [UInt8] {
    if skip(.quote) { return quoted(&refusal) }
    let end = fieldEnd
    let field = bytes[offset..<end]
    if field.contains(.quote) { refusal = refusal ?? .malformed("quotes") }
    if field.count > ContactList.valueLimit { refusal = refusal ?? .tooLong }
    offset = end
    return Array(field.prefix(ContactList.valueLimit))
  }

  private mutating func quoted(_ refusal: inout ContactRefusal?) -> [UInt8] {
    var field: [UInt8] = []
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == .newline { line += 1 }
      if byte == .quote, !skip(.quote) {
        let end = fieldEnd
        if end > offset { refusal = refusal ?? .malformed("quotes") }
        offset = end
        return field
      }
      if field.count < ContactList.valueLimit {
        field.append(byte)
      } else {
        refusal = refusal ?? .tooLong
      }
    }
    refusal = .malformed("quotes")
    return field
  }

  /// Where an unquoted field ends: at a comma, or a line's end with its carriage return.
  private var fieldEnd: Int {
    let rest = bytes[offset...]
    let end = rest.firstIndex { $0 == .comma || $0 == .newline } ?? bytes.count
    let isLineEnd = end == bytes.count || bytes[end] == .newline
    return isLineEnd && end > offset && bytes[end - 1] == .carriageReturn ? end - 1 : end
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }
}
