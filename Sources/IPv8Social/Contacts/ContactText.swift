import IPv8Wire

/// Values that all formats have, from their text.
enum ContactText {
  static let scheme = "ipv8:"
  /// Characters of a bad value that a refusal quotes.
  static let quoteLimit = 64

  /// A PermID, also with `ipv8:` before it; nil where it is none.
  static func permID(_ text: some StringProtocol) -> PermID? {
    if let permID = PermID(text: text) { return permID }
    guard text.prefix(scheme.count).lowercased() == scheme else { return nil }
    return PermID(text: text.dropFirst(scheme.count))
  }

  /// 0 to 1 as decimal digits with at most one point.
  static func strength(_ text: some StringProtocol) -> Double? {
    guard (1...16).contains(text.utf8.count),
      text.utf8.allSatisfy({ $0.isDigit || $0 == .dot }),
      text.utf8.contains(where: \.isDigit), let value = Double(text), (0...1).contains(value)
    else { return nil }
    return value
  }

  static func quoted(_ text: some StringProtocol) -> String { String(text.prefix(quoteLimit)) }
}
