import IPv8Wire

/// Base64 between a line that begins and one that ends it, as OpenSSH and OpenPGP (RFC 9580 §6.2)
/// have it.
enum Armor {
  enum Refusal: Error {
    case noEnd
    case tooLong
    case notBase64
  }

  /// Bytes of one line.
  static let lineLimit = 1_024

  /// The bytes in a block whose first line was read; the lines go on behind its last one. Headers
  /// (`Version: …`) and a checksum line do not matter.
  ///
  /// - Parameter limit: bytes of base64.
  static func read(
    _ lines: inout TextLines, kind: String, limit: Int
  ) throws(Refusal) -> [UInt8] {
    let end = Array("-----END \(kind)-----".utf8)
    var text: [UInt8] = []
    var hasEnd = false
    while let line = lines.following {
      // What begins another block does not belong to this one.
      if line.bytes.starts(with: Array("-----BEGIN".utf8)) { break }
      _ = lines.next()
      let bytes = line.bytes.trimmed
      if bytes.elementsEqual(end) {
        hasEnd = true
        break
      }
      // Neither ever is in base64 of a whole line.
      let isHeader = text.isEmpty && bytes.contains(.colon)
      let isChecksum = bytes.first == UInt8(ascii: "=") && bytes.count == 5
      if isHeader || isChecksum { continue }
      guard text.count + bytes.count <= limit, !line.isCut else { throw .tooLong }
      text += bytes
    }
    guard hasEnd else { throw .noEnd }
    guard let bytes = Base64.decode(text) else { throw .notBase64 }
    return bytes
  }

  /// What a line begins: `SSH SIGNATURE` of `-----BEGIN SSH SIGNATURE-----`.
  static func kind(_ line: ArraySlice<UInt8>) -> String? {
    let (opening, closing) = (Array("-----BEGIN ".utf8), Array("-----".utf8))
    let text = line.trimmed
    guard text.count > opening.count + closing.count, text.starts(with: opening),
      text.suffix(closing.count).elementsEqual(closing)
    else { return nil }
    return text.dropFirst(opening.count).dropLast(closing.count).text
  }
}
