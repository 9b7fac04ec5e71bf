/// Names of people as petnames: the rule of docs/reference/cli.md, which the address book checks
/// again.
enum ContactName {
  /// Bytes of UTF-8.
  static let limit = 32

  /// `text` without what a petname may not have, cut at a whole character; nil where nothing is
  /// left.
  static func petname(_ text: String) -> String? {
    var name = ""
    for character in text {
      let isForbidden = character.unicodeScalars.contains { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar == "/"
        }
      }
      let next = isForbidden || character.isWhitespace ? " " : character
      if next == " ", name.isEmpty || name.last == " " { continue }
      guard name.utf8.count + String(next).utf8.count <= limit else { break }
      name.append(next)
    }
    if name.last == " " { name.removeLast() }
    return name.isEmpty ? nil : name
  }
}
