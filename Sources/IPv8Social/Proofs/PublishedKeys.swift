import IPv8Wire

/// The keys that accounts have published, from files that the user fetched: which key may speak for
/// which account (docs/protocol/account-proofs.md).
public struct PublishedKeys: Sendable {
  public static let fileLimit = 16 << 20
  public static let lineLimit = 100_000
  /// SSH keys of an account, and OpenPGP keys: each proof of it is held to all of them.
  static let keyLimit = 64
  /// Bytes of a line; an RSA key of 16,384 bits has 2,800.
  static let lineByteLimit = 8_192

  /// Lines that give nobody a key, in each file.
  public private(set) var refused: [RefusedProof] = []
  private var sshKeys: [Account: Set<SSHPublicKey>] = [:]
  /// By fingerprint.
  private var openPGPNames: [Account: Set<String>] = [:]
  private var certificates: [String: OpenPGPCertificate] = [:]

  public init() {}

  /// Adds what a file says.
  ///
  /// - Parameter name: of the file; where it is `NAME.keys` or `NAME.gpg`, as GitHub calls the keys of
  ///   its user NAME, keys without an account are that user's.
  public mutating func add(_ bytes: [UInt8], fileName name: String, at now: WallTime) {
    guard bytes.count <= Self.fileLimit else { return refuse(1, .fileTooLong) }
    let file = name.split(separator: "/").last ?? ""
    var owner: Account?
    for suffix in [".keys", ".gpg"] where file.hasSuffix(suffix) {
      owner = Account(.gitHub, file.dropLast(suffix.count))
    }
    var lines = TextLines(bytes, limit: Self.lineByteLimit)
    while let line = lines.next() {
      guard line.number <= Self.lineLimit else { return refuse(line.number, .tooMany) }
      let text = line.bytes.trimmed
      if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
      do throws(ProofRefusal) {
        if line.isCut { throw .tooLong }
        switch Armor.kind(text) {
        case OpenPGPText.keyKind: try addCertificates(&lines, owner, line.number, now)
        case let kind?: throw .unsupported(kind)
        case nil: try addLine(text, owner)
        }
      } catch {
        refuse(line.number, error)
      }
    }
  }

  private mutating func refuse(_ line: Int, _ reason: ProofRefusal) {
    refused.append(RefusedProof(line: line, reason))
  }

  private mutating func addLine(_ text: ArraySlice<UInt8>, _ owner: Account?) throws(ProofRefusal) {
    let line = try AllowedKeyLine(text)
    var accounts = line.accounts
    if accounts.isEmpty {
      guard let owner else { throw .malformed("account before the key") }
      accounts = [owner]
    }
    for account in accounts {
      switch line.key {
      case .ssh(let key): try Self.insert(key, &sshKeys[account, default: []])
      case .openPGP(let name): try Self.insert(name, &openPGPNames[account, default: []])
      }
    }
  }

  private mutating func addCertificates(
    _ lines: inout TextLines, _ owner: Account?, _ number: Int, _ now: WallTime
  ) throws(ProofRefusal) {
    let block = try OpenPGPText.block(&lines, OpenPGPText.keyKind, OpenPGPText.keyLimit)
    guard let found = OpenPGPCertificate.all(block, now: now.milliseconds / 1000) else {
      throw .malformed(OpenPGPText.keyKind)
    }
    for certificate in found {
      guard let certificate, certificate.primary.key != nil else {
        refuse(number, .unsupported("OpenPGP key; only version 4 with Ed25519 is read"))
        continue
      }
      let name = certificate.primary.fingerprintText
      // Of two copies the one that says less good of itself counts.
      if certificates[name]?.isRevoked != true { certificates[name] = certificate }
      if let owner { try Self.insert(name, &openPGPNames[owner, default: []]) }
    }
  }

  private static func insert<Key>(_ key: Key, _ keys: inout Set<Key>) throws(ProofRefusal) {
    guard keys.count < keyLimit || keys.contains(key) else { throw .tooMany }
    keys.insert(key)
  }

  /// Throws unless `signature` is by a key of `statement`'s account, over the line with its end.
  func verify(
    _ signature: SSHSignature, of statement: AccountStatement
  ) throws(ProofRefusal) {
    guard signature.namespace == AccountStatement.namespace else {
      throw .namespace(signature.namespace)
    }
    let account = statement.account
    switch account.network {
    case .ssh:
      guard account.name == signature.publicKey.fingerprint else { throw .keyIsAnother(account) }
    case .openPGP: throw .keyIsAnother(account)
    case .gitHub, .mastodon:
      guard sshKeys[account]?.contains(signature.publicKey) == true else {
        throw .keyUnknown(account)
      }
    }
    guard signature.verifies(Array("\(statement)\n".utf8)) else { throw .forged }
  }

  /// As above; `document` is the line as the kind of the signature asks for it.
  func verify(
    _ signature: OpenPGPSignature, of statement: AccountStatement, as document: [UInt8],
    at now: WallTime
  ) throws(ProofRefusal) {
    let account = statement.account
    if account.network == .ssh { throw .keyIsAnother(account) }
    let names = account.network == .openPGP ? [account.name] : openPGPNames[account] ?? []
    let candidates = names.sorted().compactMap { certificates[$0] }
    var refusal = ProofRefusal.keyUnknown(account)
    for certificate in candidates {
      do throws(ProofRefusal) {
        return try certificate.verify(signature, over: document, now: now.milliseconds / 1000)
      } catch { refusal = error }
    }
    throw refusal
  }
}
