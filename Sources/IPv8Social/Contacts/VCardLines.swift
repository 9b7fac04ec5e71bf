/// The content lines of vCards (RFC 6350 §3.2): lines that begin with a blank or a tab go on the one
/// before.
struct VCardLines {
  struct Property {
    /// Without the group, as it is written.
    let name: ArraySlice<UInt8>
    /// What stands between the name and the colon, parted at semicolons.
    let parameters: [ArraySlice<UInt8>]
    let value: ArraySlice<UInt8>
    /// The value or the parameters go on.
    let isCut: Bool
  }

  static let parameterLimit = 32

  private var lines: TextLines

  init(_ bytes: [UInt8]) { lines = TextLines(bytes, limit: ContactList.valueLimit) }

  /// The next property, nil where a line is none, with its number; nil at the end.
  mutating func next() -> (line: Int, property: Property?)? {
    var first = lines.next()
    while let line = first, line.bytes.trimmed.isEmpty { first = lines.next() }
    guard let first else { return nil }
    var text = first.bytes
    var isCut = first.isCut
    while let more = lines.following, let blank = more.bytes.first, blank.isBlank {
      _ = lines.next()
      if text.count + more.bytes.count <= ContactList.valueLimit, !isCut {
        text += more.bytes.dropFirst()
      } else {
        isCut = true
      }
    }
    return (first.number, Self.property(text, isCut: isCut))
  }

  /// As ``next()``, but does not go on.
  var following: (line: Int, property: Property?)? {
    var copy = self
    return copy.next()
  }

  private static func property(
    _ text: ArraySlice<UInt8>, isCut: Bool
  ) -> Property? {
    var parts: [ArraySlice<UInt8>] = []
    var (start, isQuoted) = (text.startIndex, false)
    for place in text.indices {
      let byte = text[place]
      if byte == .quote { isQuoted.toggle() }
      guard !isQuoted, byte == .colon || byte == .semicolon else { continue }
      guard parts.count <= parameterLimit else { return nil }
      parts.append(text[start..<place])
      start = place + 1
      guard byte == .colon else { continue }
      let name = parts[0].split(separator: .dot, omittingEmptySubsequences: false).last ?? []
      guard !name.isEmpty, name.allSatisfy({ $0.isWord || $0 == .dash }) else { return nil }
      return Property(
        name: name, parameters: Array(parts.dropFirst()), value: text[start...],
        isCut: isCut)
    }
    return nil
  }
}
