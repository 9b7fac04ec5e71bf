/// Why a block of a file of proofs, or a line of a file of keys, counts for nothing.
public enum ProofRefusal: Error, Equatable, Sendable {
  /// Over 16 MiB.
  case fileTooLong
  /// Over 100,000 blocks or lines, behind which nothing was read, or over 64 keys of an account.
  case tooMany
  /// A line or a block over its limit.
  case tooLong
  /// Of what, in words.
  case malformed(String)
  /// Well-formed, but of a kind that is not verified here.
  case unsupported(String)
  /// Not the line that `friends prove` prints.
  case noStatement
  /// More than two minutes ahead of the clock.
  case fromFuture
  case namespace(String)
  /// The account has no such key in the file of keys.
  case keyUnknown(Account)
  /// The account is a key, and another one signed.
  case keyIsAnother(Account)
  case forged
  case expired
  case revoked
  /// Another statement of the account with the same time says another PermID.
  case contradiction(Account)
  /// The account has a later statement.
  case superseded(Account)
}

/// Where something was refused.
public struct RefusedProof: Equatable, Sendable {
  public let line: Int
  public let reason: ProofRefusal

  public init(line: Int, _ reason: ProofRefusal) {
    self.line = line
    self.reason = reason
  }
}
