/// Walks JSON (RFC 8259) as far as lists of accounts need it: strings are read, all else is stepped
/// over and only roughly checked. Total, and linear in the bytes.
struct JSONReader {
  /// Arrays and objects in each other.
  static let depthLimit = 32

  private let bytes: [UInt8]
  private var offset: Int
  /// Of the place.
  private(set) var line = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  /// Whether nothing but white space is left.
  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return offset == bytes.count
    }
  }

  var isAtString: Bool {
    mutating get {
      skipSpace()
      return offset < bytes.count && bytes[offset] == .quote
    }
  }

  /// Steps over `mark`, one ASCII character, where it is next.
  mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: mark) else { return false }
    offset += 1
    return true
  }

  /// The string that is next.
  mutating func string() throws(ContactRefusal) -> String {
    let (string, isCut) = try cutString()
    if isCut { throw .tooLong }
    return string
  }

  /// The string that is next; none where it is over the limit.
  private mutating func cutString() throws(ContactRefusal) -> (String, isCut: Bool) {
    guard skip("\"") else { throw .malformed("string") }
    var text: [UInt8] = []
    var isCut = false
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case .quote:
        guard let string = isCut ? "" : text.text else { throw .notUTF8 }
        return (string, isCut)
      case .backslash: text += Array(String(try escaped()).utf8)
      case 0..<0x20: throw .malformed("string")
      default: text.append(byte)
      }
      if text.count > ContactList.valueLimit {
        isCut = true
        text = []
      }
    }
    throw .malformed("string")
  }

  /// Steps over whatever value is next.
  mutating func skipValue() throws(ContactRefusal) {
    var open: [UInt8] = []
    repeat {
      skipSpace()
      guard offset < bytes.count else { throw .malformed("value") }
      let byte = bytes[offset]
      switch byte {
      case .quote: _ = try cutString()
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        guard open.count < Self.depthLimit else { throw .malformed("depth") }
        // The closing one is two behind the opening one.
        open.append(byte + 2)
        offset += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        guard open.popLast() == byte else { throw .malformed("value") }
        offset += 1
      case .comma, .colon:
        guard !open.isEmpty else { throw .malformed("value") }
        offset += 1
      default: try skipWord()
      }
    } while !open.isEmpty
  }

  /// A number, true, false or null.
  private mutating func skipWord() throws(ContactRefusal) {
    let end =
      bytes[offset...].firstIndex { !$0.isWord && ![.dash, .dot, UInt8(ascii: "+")].contains($0) }
      ?? bytes.count
    guard end > offset else { throw .malformed("value") }
    offset = end
  }

  /// What follows a backslash.
  private mutating func escaped() throws(ContactRefusal) -> Unicode.Scalar {
    guard offset < bytes.count else { throw .malformed("string") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case .quote, .backslash, UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try codeUnit()
      if let scalar = Unicode.Scalar(unit) { return scalar }
      // The two halves of a character behind U+FFFF.
      guard offset + 1 < bytes.count, bytes[offset] == .backslash,
        bytes[offset + 1] == UInt8(ascii: "u")
      else { throw .malformed("string") }
      offset += 2
      let low = try codeUnit()
      guard (0xd800..<0xdc00).contains(unit), (0xdc00..<0xe000).contains(low),
        let scalar = Unicode.Scalar(
          0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00))
      else { throw .malformed("string") }
      return scalar
    default: throw .malformed("string")
    }
  }

  private mutating func codeUnit() throws(ContactRefusal) -> UInt16 {
    guard bytes.count - offset >= 4 else { throw .malformed("string") }
    var unit: UInt16 = 0
    for byte in bytes[offset..<(offset + 4)] {
      guard let digit = byte.hexDigit else { throw .malformed("string") }
      unit = unit << 4 | UInt16(digit)
    }
    offset += 4
    return unit
  }

  private mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case .newline: line += 1
      case .blank, .tab, .carriageReturn: break
      default: return
      }
      offset += 1
    }
  }
}
