import Foundation
import IPv8Wire
import Testing

@testable import IPv8Social

// The public keys of RFC 8032, section 7.1, tests 1 and 2.
let ada = "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena"
let bob = "hvabpq7iioevvevxbktu2g36xsojqlgpf3cjndgazvk7ckxumyga"

func permID(_ text: String) -> PermID { PermID(text: text)! }

func account(_ text: String) -> Account { Account(text: text)! }

func time(_ text: String) -> WallTime { StatementTime.parse(text)! }

/// A file of Data, which make.sh there made.
func dataFile(_ name: String) throws -> [UInt8] {
  try [UInt8](
    Data(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Data/\(name)")))
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

extension ContactList {
  init(_ text: String, _ format: ContactFormat) { self.init([UInt8](text.utf8), format) }

  /// `LINE reason`, for comparison.
  var refusals: [String] { refused.map { "\($0.line) \($0.reason)" } }
}

extension AccountProofs {
  init(_ file: String, _ keys: PublishedKeys, at now: WallTime) throws {
    self.init(try dataFile(file), keys: keys, at: now)
  }
}
