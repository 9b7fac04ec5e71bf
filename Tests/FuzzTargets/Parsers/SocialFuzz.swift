import Foundation
import IPv8Social
import IPv8Wire

enum SocialFuzz {
  // 2026-12-01.
  private static let now = WallTime(milliseconds: 1_796_083_200_000)

  /// The keys of the corpus, so that proofs are followed to their end.
  private static let keys: PublishedKeys = {
    let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Corpus/publishedKeys")
    var keys = PublishedKeys()
    for (file, name) in [("bare", "octocat.keys"), ("allowed", "allowed"), ("subkey", "gnu.gpg")] {
      let data = try? Data(contentsOf: corpus.appending(path: file))
      keys.add([UInt8](data ?? Data()), fileName: name, at: now)
    }
    return keys
  }()

  static func contacts(_ bytes: [UInt8]) {
    _ = ContactFormat(guessing: bytes)
    for format in ContactFormat.allCases {
      let list = ContactList(bytes, format)
      for entry in list.entries {
        precondition((1...bytes.count).contains(entry.line), "a line of the file")
        precondition((0...1).contains(entry.strength ?? 0), "a strength")
        precondition((1...32).contains(entry.name?.utf8.count ?? 1), "a petname")
        if case .account(let account) = entry.subject {
          precondition(Account(text: account.description) == account, "read as written")
        }
      }
      let found = FriendImport(list)
      precondition(Set(found.friends.map(\.permID)).count == found.friends.count, "each once")
      precondition(
        found.friends.count + found.refused.count == list.entries.count + list.refused.count,
        "nothing is lost")
    }
  }

  static func proofs(_ bytes: [UInt8]) {
    let proofs = AccountProofs(bytes, keys: keys, at: now)
    for statement in proofs.statements {
      let line = Array(statement.description.utf8)
      precondition(AccountStatement(line: line) == statement, "read as written")
      precondition(bytes.firstRange(of: line) != nil, "a statement stands in the file")
    }
  }

  static func publishedKeys(_ bytes: [UInt8]) {
    for name in ["octocat.keys", "keys"] {
      var keys = PublishedKeys()
      keys.add(bytes, fileName: name, at: now)
      precondition(keys.refused.allSatisfy { $0.line <= bytes.count }, "lines of the file")
    }
  }
}
