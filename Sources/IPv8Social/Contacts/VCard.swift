import IPv8Wire

/// A card of one's own, to give away: version 4.0 (RFC 6350), read by most address books.
public struct VCard: CustomStringConvertible {
  private let name: String
  private let permID: PermID

  /// - Parameter name: empty without one; then the PermID's beginning stands for it, as a card must
  ///   have a name.
  public init(name: String, permID: PermID) {
    self.name = name.isEmpty ? "ipv8 \(permID.description.prefix(8))" : name
    self.permID = permID
  }

  public var description: String {
    var escaped = ""
    for character in name {
      if character.isNewline {
        escaped += "\\n"
      } else {
        if "\\,;".contains(character) { escaped += "\\" }
        escaped.append(character)
      }
    }
    return ["BEGIN:VCARD", "VERSION:4.0", "FN:\(escaped)", "URL:ipv8:\(permID)", "END:VCARD"]
      .map { $0 + "\r\n" }.joined()
  }
}
