import IPv8Wire

/// The rule for names of peers: petnames, and the name that a peer gives itself.
public enum PeerName {
  /// Bytes of UTF-8.
  public static let limit = 32

  /// Whether `text` can name a peer: 1...32 bytes, no control character, no slash, no blank at
  /// either end, and not the text of a PermID or an IP address, which name peers themselves.
  public static func isValid(_ text: String) -> Bool {
    guard (1...limit).contains(text.utf8.count) else { return false }
    guard let first = text.first, let last = text.last, !first.isWhitespace, !last.isWhitespace
    else { return false }
    let forbidden = text.unicodeScalars.contains { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: true
      default: scalar == "/"
      }
    }
    return !forbidden && PermID(text: text) == nil && IPv4Address(text: text) == nil
      && IPv6Address(text: text) == nil
  }
}
