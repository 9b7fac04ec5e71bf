import IPv8Wire
import Testing

@testable import IPv8Social

@Suite("vCards")
struct VCardTests {
  private func card(_ lines: String..., version: String = "4.0") -> String {
    (["BEGIN:VCARD", "VERSION:\(version)"] + lines + ["END:VCARD", ""]).joined(separator: "\r\n")
  }

  @Test("a PermID is found in URL, IMPP and X-IPV8-PERMID, of versions 3.0 and 4.0")
  func properties() throws {
    for version in ["3.0", "4.0"] {
      for line in [
        "URL:ipv8:\(ada)", "url:IPV8:\(ada)", "IMPP;PREF=1:ipv8:\(ada)",
        "item1.URL;TYPE=\"a;b:c\":ipv8:\(ada)", "X-IPV8-PERMID:\(ada)", "X-IPV8-PERMID:ipv8:\(ada)",
        "URL:ipv8:\(ada.prefix(20))\r\n \(ada.dropFirst(20))",
        "URL:ip\r\n\tv8:\(ada)\r\nURL:https://example.org\r\nIMPP:xmpp:ada@example.org",
        "URL:ipv8:\(ada)\r\nX-IPV8-PERMID:\(ada)",
      ] {
        let list = ContactList(card("FN:Ada", line, version: version), .vCard)
        #expect(
          list.entries == [.init(line: 1, name: "Ada", subject: .peer(permID(ada)))],
          "\(line): \(list.refusals)")
      }
    }
  }

  @Test("names lose their escapes and what a petname may not have")
  func names() throws {
    for (text, name) in [
      ("Ada", "Ada"), ("Lovelace\\, Ada\\; Dr.", "Lovelace, Ada; Dr."),
      ("a\\nb\\N\\\\c", "a b \\c"),
      (" a / b\u{200f} ", "a b"), ("", nil), ("/", nil), ("Zoë 😀", "Zoë 😀"),
      (String(repeating: "é", count: 20), String(repeating: "é", count: 16)),
      (String(repeating: "x", count: 31) + " yz", String(repeating: "x", count: 31)),
    ] as [(String, String?)] {
      let list = ContactList(card("FN:\(text)", "URL:ipv8:\(ada)"), .vCard)
      #expect(list.entries.map(\.name) == [name], "\(text): \(list.refusals)")
    }
  }

  @Test("cards that say too little, too much or not in these versions are refused by their line")
  func refusals() throws {
    let photo =
      "PHOTO:" + String(repeating: "A", count: 70) + "\r\n"
      + String(repeating: " " + String(repeating: "B", count: 74) + "\r\n", count: 500) + "NOTE:x"
    let long = String(repeating: "x", count: 5_000)
    for (lines, reason) in [
      (["FN:A"], ContactRefusal.noPermID), (["URL:ipv8:abc"], .permIDMalformed("ipv8:abc")),
      (["URL:ipv8:\(ada)", "URL:ipv8:\(bob)"], .severalPermIDs),
      (["FN;ENCODING=QUOTED-PRINTABLE:=41da", "URL:ipv8:\(ada)"], .quotedPrintable),
      (["FN;QUOTED-PRINTABLE:=41da", "URL:ipv8:\(ada)"], .quotedPrintable),
      (["no colon", "URL:ipv8:\(ada)"], .malformed("line 3")),
      (["FN:\(long)", "URL:ipv8:\(ada)"], .tooLong), (["URL:ipv8:\(ada)\(long)"], .tooLong),
    ] {
      let text = (["BEGIN:VCARD", "VERSION:3.0"] + lines + ["END:VCARD"]).joined(separator: "\n")
      let list = ContactList(text, .vCard)
      #expect(list.entries.isEmpty && list.refused == [.init(line: 1, reason)], "\(list.refusals)")
    }
    let withPhoto = ContactList(card("FN:A", photo, "URL:ipv8:\(ada)"), .vCard)
    #expect(withPhoto.entries.count == 1, "a long value of no use does not matter")
    for version in ["2.1", "", "5"] {
      let list = ContactList(card("URL:ipv8:\(ada)", version: version), .vCard)
      #expect(list.refused.map(\.reason) == [.version(version)])
    }
  }

  @Test("what lies between cards, and a card without an end, cost no other card")
  func broken() throws {
    let good = card("FN:Ada", "URL:ipv8:\(ada)")
    let list = ContactList(
      "junk\nmore junk\n" + good + "\n\nBEGIN:VCARD\nFN:x\n" + good
        + "FN:y\nBEGIN:VCARD\nVERSION:4.0",
      .vCard)
    #expect(list.entries.map(\.line) == [3, 12])
    #expect(
      list.refused == [
        .init(line: 1, .malformed("BEGIN:VCARD")), .init(line: 10, .malformed("END:VCARD")),
        .init(line: 17, .malformed("BEGIN:VCARD")), .init(line: 18, .malformed("END:VCARD")),
      ], "\(list.refusals)")
  }

  @Test("one's own card is read as written")
  func own() throws {
    for name in ["Ada", "Lovelace, Ada; \\x", ""] {
      let text = VCard(name: name, permID: permID(ada)).description
      #expect(ContactFormat(guessing: [UInt8](text.utf8)) == .vCard)
      let list = ContactList(text, .vCard)
      let expected = name.isEmpty ? "ipv8 25njqamc" : name
      #expect(list.entries == [.init(line: 1, name: expected, subject: .peer(permID(ada)))])
      #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 75 })
    }
  }
}
