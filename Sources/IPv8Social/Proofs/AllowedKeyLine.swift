import IPv8Wire

/// A line of a file of keys: a bare key as GitHub lists them, or as OpenSSH's allowed_signers
/// (ssh-keygen(1)) has it, the accounts first. An OpenPGP key stands there by its fingerprint.
///
///     ssh-ed25519 AAAA…
///     github:octocat,mastodon:octocat@example.org namespaces="ipv8-tun" ssh-ed25519 AAAA… comment
///     github:octocat openpgp4fpr 0123…
struct AllowedKeyLine: Equatable {
  enum Key: Equatable {
    case ssh(SSHPublicKey)
    /// Its fingerprint, 40 digits.
    case openPGP(String)
  }

  static let accountLimit = 16

  /// None where the line says of nobody.
  let accounts: [Account]
  let key: Key

  init(_ text: ArraySlice<UInt8>) throws(ProofRefusal) {
    var words = Self.words(text)
    if let first = words.first, Self.isKeyType(first) {
      accounts = []
    } else {
      guard !words.isEmpty else { throw .malformed("key") }
      accounts = try Self.accounts(words.removeFirst())
      if let options = words.first, !Self.isKeyType(options) {
        try Self.check(options)
        words.removeFirst()
      }
    }
    guard words.count >= 2, Self.isKeyType(words[0]) else { throw .malformed("key") }
    key = try Self.key(words[0], words[1])
  }

  private static func key(
    _ type: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>
  ) throws(ProofRefusal) -> Key {
    if type.isWord("openpgp4fpr") {
      guard let account = value.text.flatMap({ Account(.openPGP, $0) }) else {
        throw .malformed("fingerprint")
      }
      return .openPGP(account.name)
    }
    guard type.elementsEqual(SSHPublicKey.type) else {
      throw .unsupported("key type \(type.text ?? ""); only ssh-ed25519 is read")
    }
    guard let blob = Base64.decode(value), let key = SSHPublicKey(blob: blob) else {
      throw .malformed("key")
    }
    return .ssh(key)
  }

  private static func accounts(_ word: ArraySlice<UInt8>) throws(ProofRefusal) -> [Account] {
    var accounts: [Account] = []
    for name in word.split(separator: .comma) {
      guard accounts.count < accountLimit else { throw .tooLong }
      guard let text = name.text, let account = Account(text: text) else {
        throw .malformed("account \(ContactText.quoted(name.text ?? ""))")
      }
      accounts.append(account)
    }
    guard !accounts.isEmpty else { throw .malformed("account") }
    return accounts
  }

  /// Whether the options let a key sign proofs. What limits a key in a way that is not understood
  /// makes the line none.
  private static func check(_ options: ArraySlice<UInt8>) throws(ProofRefusal) {
    let mark = Array("namespaces=\"".utf8)
    guard options.count > mark.count, options.prefix(mark.count).isWord("namespaces=\""),
      options.last == .quote,
      !options.dropFirst(mark.count).dropLast().contains(.quote)
    else { throw .unsupported("option \(ContactText.quoted(options.text ?? ""))") }
    let names = options.dropFirst(mark.count).dropLast().split(separator: .comma)
    guard names.contains(where: { $0.elementsEqual(Array(AccountStatement.namespace.utf8)) })
    else { throw .unsupported("key for other namespaces") }
  }

  private static func isKeyType(_ word: ArraySlice<UInt8>) -> Bool {
    word.isWord("openpgp4fpr")
      || ["ssh-", "ecdsa-", "sk-"].contains { word.starts(with: Array($0.utf8)) }
  }

  /// Parted at blanks that are not between quotes.
  private static func words(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var isQuoted = false
    return text.split { byte in
      if byte == .quote { isQuoted.toggle() }
      return byte.isBlank && !isQuoted
    }
  }
}
