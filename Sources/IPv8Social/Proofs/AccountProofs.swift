import IPv8Wire

/// Who accounts are on the overlay, by what their keys signed: from a file of statements, each with
/// its signature (docs/protocol/account-proofs.md).
public struct AccountProofs: Sendable {
  public static let fileLimit = 16 << 20
  /// Blocks, good or not.
  public static let proofLimit = 100_000
  /// Bytes of base64 of an SSH signature; one by Ed25519 has 300.
  private static let sshLimit = 4_096
  private static let lineByteLimit = 1_024

  public private(set) var refused: [RefusedProof] = []
  private var table = ProofTable()

  /// What is proved, ordered by account.
  public var statements: [AccountStatement] { table.statements }

  public func permID(of account: Account) -> PermID? { table.permID(of: account) }

  public init(_ bytes: [UInt8], keys: PublishedKeys, at now: WallTime) {
    guard bytes.count <= Self.fileLimit else {
      refused = [RefusedProof(line: 1, .fileTooLong)]
      return
    }
    var lines = TextLines(bytes, limit: Self.lineByteLimit)
    var blocks = 0
    while let line = lines.next() {
      let text = line.bytes.trimmed
      if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
      blocks += 1
      guard blocks <= Self.proofLimit else {
        refuse(line.number, .tooMany)
        return
      }
      do throws(ProofRefusal) {
        let statement =
          Armor.kind(text) == OpenPGPText.messageKind
          ? try Self.clearSigned(&lines, keys, now)
          : try Self.detached(line, &lines, keys, now)
        refused += table.take(statement, line.number)
      } catch {
        refuse(line.number, error)
      }
    }
  }

  private mutating func refuse(_ line: Int, _ reason: ProofRefusal) {
    refused.append(RefusedProof(line: line, reason))
  }

  /// A statement's line, and below it its signature.
  private static func detached(
    _ line: TextLines.Line, _ lines: inout TextLines, _ keys: PublishedKeys, _ now: WallTime
  ) throws(ProofRefusal) -> AccountStatement {
    let statement = AccountStatement(line: line.bytes)
    while let next = lines.following, next.bytes.trimmed.isEmpty { _ = lines.next() }
    // What is behind a line that is no statement is read too, so that it is refused once.
    let kind = Armor.kind(statement == nil ? line.bytes : lines.following?.bytes ?? [])
    if statement != nil, kind == SSHSignature.armorKind || kind == OpenPGPText.signatureKind {
      _ = lines.next()
    }
    switch kind {
    case SSHSignature.armorKind:
      let blob = try OpenPGPText.block(&lines, SSHSignature.armorKind, sshLimit)
      let checked = try check(statement, now)
      try keys.verify(try SSHSignature(blob), of: checked)
      return checked
    case OpenPGPText.signatureKind:
      let signature = try OpenPGPText.signature(&lines)
      let checked = try check(statement, now)
      let end = signature.kind == .text ? "\r\n" : "\n"
      guard signature.kind == .text || signature.kind == .binary else {
        throw .unsupported("kind of OpenPGP signature")
      }
      try keys.verify(signature, of: checked, as: Array("\(checked)\(end)".utf8), at: now)
      return checked
    default:
      if statement == nil { throw .noStatement }
      throw .malformed("signature")
    }
  }

  private static func clearSigned(
    _ lines: inout TextLines, _ keys: PublishedKeys, _ now: WallTime
  ) throws(ProofRefusal) -> AccountStatement {
    let message = try OpenPGPText.message(&lines)
    let signature = try OpenPGPText.signature(&lines)
    let statement = try check(AccountStatement(line: message), now)
    guard signature.kind == .text else { throw .unsupported("kind of OpenPGP signature") }
    try keys.verify(signature, of: statement, as: message, at: now)
    return statement
  }

  private static func check(
    _ statement: AccountStatement?, _ now: WallTime
  ) throws(ProofRefusal) -> AccountStatement {
    guard let statement else { throw .noStatement }
    guard statement.time.milliseconds <= now.milliseconds + 120_000 else { throw .fromFuture }
    return statement
  }
}
