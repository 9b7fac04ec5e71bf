import IPv8Wire

/// Cards of versions 3.0 and 4.0 with a PermID as `URL:ipv8:…`, `IMPP:ipv8:…` or `X-IPV8-PERMID:…`;
/// FN is the petname.
enum VCardReader {
  /// What was seen of one card.
  private struct Card {
    var version: String?
    var name: String?
    var permID: PermID?
    /// The first thing that speaks against it.
    var refusal: ContactRefusal?
  }

  static func read(_ bytes: [UInt8], into list: inout ContactList) {
    var lines = VCardLines(bytes)
    while let (line, property) = lines.next() {
      guard !list.isFull else { return list.refuse(line, .tooManyEntries) }
      guard let property, property.name.isWord("begin"), property.value.trimmed.isWord("vcard")
      else {
        list.refuse(line, .malformed("BEGIN:VCARD"))
        // One refusal for all that belongs to no card.
        while let (_, other) = lines.following, other?.name.isWord("begin") != true {
          _ = lines.next()
        }
        continue
      }
      card(from: line, &lines, &list)
    }
  }

  private static func card(
    from start: Int, _ lines: inout VCardLines, _ list: inout ContactList
  ) {
    var card = Card()
    while let (line, property) = lines.following {
      if property?.name.isWord("begin") == true { break }
      _ = lines.next()
      guard let property else {
        card.refusal = card.refusal ?? .malformed("line \(line)")
        continue
      }
      if property.name.isWord("end") { return finish(card, start, &list) }
      take(property, &card)
    }
    list.refuse(start, .malformed("END:VCARD"))
  }

  private static func take(_ property: VCardLines.Property, _ card: inout Card) {
    do throws(ContactRefusal) {
      if property.parameters.contains(where: Self.isQuotedPrintable) { throw .quotedPrintable }
      if property.name.isWord("version") {
        card.version = try text(property)
      } else if property.name.isWord("fn"), card.name == nil {
        card.name = ContactName.petname(try text(property))
      } else if let value = try permIDText(property) {
        guard let permID = ContactText.permID(value) else {
          throw .permIDMalformed(ContactText.quoted(value))
        }
        guard card.permID == nil || card.permID == permID else { throw .severalPermIDs }
        card.permID = permID
      }
    } catch {
      card.refusal = card.refusal ?? error
    }
  }

  private static func finish(_ card: Card, _ line: Int, _ list: inout ContactList) {
    let isKnown = card.version == "3.0" || card.version == "4.0"
    if !isKnown {
      list.refuse(line, .version(ContactText.quoted(card.version ?? "")))
    } else if let refusal = card.refusal {
      list.refuse(line, refusal)
    } else if let permID = card.permID {
      list.add(ContactList.Entry(line: line, name: card.name, subject: .peer(permID)))
    } else {
      list.refuse(line, .noPermID)
    }
  }

  /// The text where the property says who; nil where it is of something else.
  private static func permIDText(
    _ property: VCardLines.Property
  ) throws(ContactRefusal) -> String? {
    if property.name.isWord("x-ipv8-permid") { return try text(property) }
    let scheme = property.value.trimmed.prefix(ContactText.scheme.utf8.count)
    guard property.name.isWord("url") || property.name.isWord("impp"), scheme.isWord("ipv8:")
    else { return nil }
    return try text(property)
  }

  private static func isQuotedPrintable(_ parameter: ArraySlice<UInt8>) -> Bool {
    let value = parameter.split(separator: UInt8(ascii: "=")).last ?? []
    return value.isWord("quoted-printable")
  }

  /// The value without escapes (RFC 6350 §3.4).
  private static func text(_ property: VCardLines.Property) throws(ContactRefusal) -> String {
    guard !property.isCut else { throw .tooLong }
    var bytes: [UInt8] = []
    var isEscaped = false
    for byte in property.value.trimmed {
      if !isEscaped, byte == .backslash {
        isEscaped = true
        continue
      }
      bytes.append(isEscaped && byte | 0x20 == UInt8(ascii: "n") ? .newline : byte)
      isEscaped = false
    }
    guard let text = bytes.text else { throw .notUTF8 }
    return text
  }
}
