import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Social

@Suite("Accounts and statements")
struct StatementTests {
  @Test("an account has one text, and what no network would call so is none")
  func accounts() throws {
    let print = String(repeating: "a", count: 43)
    let good = [
      "github:octocat", "github:some_body-1", "mastodon:ada@example.org",
      "mastodon:a.b_c@example.org:8443", "ssh:SHA256:\(print)",
      "openpgp4fpr:" + String(repeating: "0f", count: 20),
    ]
    for text in good { #expect(Account(text: text)?.description == text) }
    #expect(Account(text: "GitHub:OctoCat")?.description == "github:octocat")
    #expect(Account(text: "mastodon:Ada@Example.ORG")?.description == "mastodon:ada@example.org")
    let bad = [
      "", "github", "github:", "github:a b", "github:a/b", "facebook:ada", "mastodon:ada",
      "mastodon:@example.org", "mastodon:a@b@c.d", "mastodon:ada@localhost", "mastodon:ada@a..\n",
      "ssh:\(print)", "ssh:SHA256:\(print)a", "ssh:MD5:\(print)", "openpgp4fpr:0f",
      "github:" + String(repeating: "a", count: 300), "github:é",
    ]
    for text in bad { #expect(Account(text: text) == nil, "\(text)") }
  }

  @Test("a statement is one line with one form")
  func statements() throws {
    let statement = AccountStatement(
      account: account("github:octocat"), permID: permID(ada),
      time: WallTime(milliseconds: 1_796_040_000_999))
    let line = "ipv8-tun: I am github:octocat and my PermID is \(ada), as of 2026-11-30T12:00:00Z"
    #expect(statement.description == line)
    #expect(AccountStatement(line: Array(line.utf8)) == statement)
    for change in [
      ("octocat", "Octocat"), (" as", "  as"), ("Z", ""), ("Z", "Z "), ("ipv8-tun: ", ""),
      ("11-30", "11-31"), ("12:00", "24:00"), ("I am", "i am"), ("T", " "),
      (ada, ada.uppercased()), ("github:octocat", "github:"), ("2026", "1969"),
    ] {
      let parts = line.split(separator: change.0, maxSplits: 1, omittingEmptySubsequences: false)
      let changed = parts.joined(separator: change.1)
      #expect(changed != line && AccountStatement(line: Array(changed.utf8)) == nil, "\(changed)")
    }
    for count in 0..<line.utf8.count {
      #expect(AccountStatement(line: Array(line.utf8.prefix(count))) == nil)
    }
  }

  @Test("times are read as written, on every day from 1970 to 9999")
  func times() throws {
    #expect(time("1970-01-01T00:00:00Z").milliseconds == 0)
    #expect(time("2000-02-29T23:59:59Z").milliseconds == 951_868_799_000)
    #expect(time("2026-11-30T12:00:00Z").milliseconds == 1_796_040_000_000)
    #expect(time("9999-12-31T23:59:59Z").milliseconds == 253_402_300_799_000)
    for text in ["1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2025-00-01T00:00:00Z"] {
      #expect(StatementTime.parse(text) == nil)
    }
    var random = TestRandom("times")
    for _ in 0..<20_000 {
      let time = WallTime(milliseconds: random.next() % 253_402_300_800 * 1000)
      #expect(StatementTime.parse(StatementTime.text(time)) == time)
    }
  }
}
