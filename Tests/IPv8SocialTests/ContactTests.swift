import IPv8Wire
import Testing

@testable import IPv8Social

@Suite("Lists of contacts")
struct ContactTests {
  @Test("formats are guessed from the beginning of a file")
  func guesses() throws {
    for (text, format) in [
      ("\r\nbegin:VCARD\r\nVERSION:4.0", ContactFormat.vCard), ("[", .gitHub),
      ("\n  [{}]", .gitHub),
      ("Name,PermID\n", .csv), ("\u{feff}\"ipv8\",x\n", .csv), ("account,name", .csv),
      ("Account address,Show boosts\n", .mastodon),
    ] {
      #expect(ContactFormat(guessing: [UInt8](text.utf8)) == format, "\(text)")
    }
    for text in ["", "\n", "hello", "name,mail\n", "{}", "\u{0}", "\"", "BEGIN:VCALENDAR"] {
      #expect(ContactFormat(guessing: [UInt8](text.utf8)) == nil, "\(text)")
    }
  }

  @Test("columns are found by name in any order, quotes and line ends as RFC 4180 has them")
  func csv() throws {
    let list = ContactList(
      "\u{feff}Strength, NAME ,permid,Notes\r\n0.5,Ada,\(ada),\"a, \"\"b\"\"\r\nc\"\r\n"
        + "\r\n1,\"Bob\nB.\",ipv8:\(bob),\n", .csv)
    #expect(list.refused.isEmpty)
    #expect(
      list.entries == [
        .init(line: 2, name: "Ada", subject: .peer(permID(ada)), strength: 0.5),
        .init(line: 5, name: "Bob B.", subject: .peer(permID(bob)), strength: 1),
      ])
    let accounts = ContactList("account,permid\ngithub:A,\nx,\(bob)\nx,\n", .csv)
    #expect(
      accounts.entries.map(\.subject) == [
        .account(account("github:a")), .peer(permID(bob)),
      ])
    #expect(accounts.refusals == ["4 accountMalformed(\"x\")"])
  }

  @Test("each row that is no contact is refused with its line and why")
  func csvRefusals() throws {
    let list = ContactList(
      """
      permid,name,strength
      \(ada.uppercased()),A,
      \(ada),A
      \(ada),"A"x,
      \(ada),A",
      ,A,1
      \(ada),A,1.01
      \(ada),A,nan
      \(ada),A,0x1
      \(ada),A,-1
      \(bob),ok,
      \(ada),"open

      """, .csv)
    #expect(list.entries.map(\.line) == [11])
    #expect(
      list.refused.map(\.reason) == [
        .permIDMalformed(ada.uppercased()), .fieldCount(expected: 3, found: 2),
        .malformed("quotes"), .malformed("quotes"), .noPermID, .strengthMalformed("1.01"),
        .strengthMalformed("nan"), .strengthMalformed("0x1"), .strengthMalformed("-1"),
        .malformed("quotes"),
      ])
    #expect(list.refused.map(\.line) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 12])
    #expect(ContactList("name,mail\nAda,x\n", .csv).refused.map(\.reason) == [.noColumn])
    #expect(ContactList("", .csv).refused.map(\.reason) == [.noColumn])
    let long = String(repeating: "x", count: 5_000)
    #expect(ContactList("permid,name\n\(ada),\(long)\n", .csv).refused.map(\.reason) == [.tooLong])
    #expect(
      ContactList("permid,name\n\(ada),\"\(long)\"\n", .csv).refused.map(\.reason) == [.tooLong])
    let bytes = [UInt8]("permid,name\n\(ada),".utf8) + [0xff, 0x0a]
    #expect(ContactList(bytes, .csv).refused.map(\.reason) == [.notUTF8])
  }

  @Test("Mastodon's export of follows names accounts")
  func mastodon() throws {
    let list = ContactList(
      """
      Account address,Show boosts,Notify on new posts,Languages
      Gargron@mastodon.social,true,false,
      @ada@example.org,true,false
      nobody,true,false,

      """, .mastodon)
    #expect(
      list.entries.map(\.subject) == [
        .account(account("mastodon:gargron@mastodon.social")),
        .account(account("mastodon:ada@example.org")),
      ])
    #expect(list.entries.map(\.line) == [2, 3])
    #expect(list.refusals == ["4 accountMalformed(\"nobody\")"])
  }

  @Test("GitHub's lists name accounts by login, over several pages")
  func gitHub() throws {
    let list = ContactList(
      """
      [
        {"login": "octocat", "id": 1, "site_admin": false, "plan": {"login": "x", "a": [1, {}]},
         "bio": "\\ud83d\\ude00 \\"[{", "n": null, "f": -1.5e+3},
        {
          "login": "Hubber"
        },
        {},
        {"login": 7},
        {"login": "a b"}
      ]
      [{"id": 2, "\\u006cogin": "mona"}]
      []

      """, .gitHub)
    #expect(
      list.entries.map(\.subject) == [
        .account(account("github:octocat")), .account(account("github:hubber")),
        .account(account("github:mona")),
      ])
    #expect(list.entries.map(\.line) == [2, 4, 11])
    #expect(list.entries.first?.name == "octocat")
    #expect(list.refusals == ["7 noPermID", "8 noPermID", "9 accountMalformed(\"a b\")"])
  }

  @Test("JSON that is none keeps what came before, and says where it ended")
  func brokenJSON() throws {
    for tail in [
      "", "{", "{\"login\"", "{\"login\":", "{\"a\":]", "{\"login\":\"x\"]", "1", "{\"a\" 1}", "]]",
      "{\"login\":\"\\x\"}", "{\"login\":\"\\ud800\"}", "{\"login\":\"\\ud800\\u0041\"}",
      "{\"login\":\"\n\"}", "{\"a\":" + String(repeating: "[", count: 40) + "}",
    ] {
      let list = ContactList("[{\"login\":\"a\"},\n\(tail)", .gitHub)
      #expect(list.entries.count == 1, "\(tail)")
      let line = list.refused.first?.line ?? 0
      #expect(list.refused.count == 1 && (2...3).contains(line), "\(tail): \(list.refusals)")
    }
    for text in ["", "{}", "null"] {
      #expect(ContactList(text, .gitHub).refused.map(\.reason) == [.malformed("array")])
    }
  }

  @Test("files, entries and what a refusal quotes are bounded")
  func limits() throws {
    let rows = String(repeating: "github:a\n", count: ContactList.entryLimit + 10)
    let list = ContactList("account\n" + rows, .csv)
    #expect(list.entries.count == ContactList.entryLimit)
    #expect(list.refusals == ["\(ContactList.entryLimit + 2) tooManyEntries"])
    let people = String(repeating: "{\"login\":\"a\"},", count: ContactList.entryLimit + 10)
    let json = ContactList("[" + people, .gitHub)
    #expect(json.entries.count == ContactList.entryLimit && json.refusals == ["1 tooManyEntries"])
    let cards = String(repeating: "x\nBEGIN:VCARD\nEND:VCARD\n", count: ContactList.entryLimit)
    let vCards = ContactList(cards, .vCard)
    #expect(vCards.refused.count == ContactList.entryLimit + 1)
    #expect(vCards.refused.last?.reason == .tooManyEntries)
    let huge = [UInt8](repeating: 0x20, count: ContactList.fileLimit + 1)
    for format in ContactFormat.allCases {
      #expect(ContactList(huge, format).refusals == ["1 fileTooLong"])
    }
    let long = String(repeating: "é", count: 1_000)
    #expect(
      ContactList("account\n\(long)\n", .csv).refused.map(\.reason) == [
        .accountMalformed(String(repeating: "é", count: 64))
      ])
  }
}
