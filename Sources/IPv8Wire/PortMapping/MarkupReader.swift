/// Walks XML as far as UPnP needs it: elements with text, no attributes, no namespaces' meaning, no
/// document types, no entities but the five of XML. Total, and linear in the bytes.
struct MarkupReader {
  enum Event: Equatable {
    /// Names are without their prefix.
    case start(String)
    case end(String)
    case text(String)
  }

  static let nameLimit = 64
  static let textLimit = 512

  private let bytes: [UInt8]
  private var offset = 0
  private var pendingEnd: String?

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Nil at the end, and where the text stops being markup.
  mutating func next() -> Event? {
    if let name = pendingEnd {
      pendingEnd = nil
      return .end(name)
    }
    while offset < bytes.count {
      guard bytes[offset] == UInt8(ascii: "<") else {
        let end = bytes[offset...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        let text = Self.text(bytes[offset..<end])
        offset = end
        if !text.isEmpty { return .text(text) }
        continue
      }
      if skip("<!--", to: "-->") || skip("<?", to: "?>") { continue }
      guard let end = bytes[offset...].firstIndex(of: UInt8(ascii: ">")) else { return nil }
      var tag = bytes[(offset + 1)..<end]
      offset = end + 1
      if tag.first == UInt8(ascii: "!") { continue }
      let isEnd = tag.first == UInt8(ascii: "/")
      if isEnd { tag = tag.dropFirst() }
      let isEmpty = tag.last == UInt8(ascii: "/")
      guard let name = Self.name(tag) else { return nil }
      if isEmpty, !isEnd { pendingEnd = name }
      return isEnd ? .end(name) : .start(name)
    }
    return nil
  }

  /// Skips what begins with `mark` here, to the end of `closing` or of all bytes.
  private mutating func skip(_ mark: String, to closing: String) -> Bool {
    guard bytes[offset...].starts(with: mark.utf8) else { return false }
    let closing = Array(closing.utf8)
    var place = offset + mark.utf8.count
    while place < bytes.count, !bytes[place...].starts(with: closing) { place += 1 }
    offset = min(place + closing.count, bytes.count)
    return true
  }

  private static func name(_ tag: ArraySlice<UInt8>) -> String? {
    let whole = tag.prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"),
        UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    let local = whole.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).last
    guard let local, (1...nameLimit).contains(local.count) else { return nil }
    return String(decoding: local, as: UTF8.self)
  }

  /// Without blanks at the ends; what is too long is cut.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    let isBlank = { (byte: UInt8) in byte <= 0x20 }
    var slice = bytes.drop(while: isBlank)
    while let last = slice.last, isBlank(last) { slice = slice.dropLast() }
    var text = String(decoding: slice.prefix(textLimit), as: UTF8.self)
    guard text.contains("&") else { return text }
    let entities = [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&"),
    ]
    for (entity, character) in entities {
      text = text.split(separator: entity, omittingEmptySubsequences: false)
        .joined(separator: character)
    }
    return text
  }
}
