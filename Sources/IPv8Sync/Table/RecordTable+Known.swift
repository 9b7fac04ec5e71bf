public import IPv8Wire

extension RecordTable {
  /// Counts a signer as known although the table may have no record of it, so that its score is asked
  /// for and its own budget counts. For each call one of ``forget(_:)``.
  public mutating func know(_ signer: PermID) { _ = signers.use(SignerKey(signer)) }

  /// Makes room for so many signers in all.
  public mutating func reserve(signers count: Int) { signers.reserve(count) }

  public mutating func forget(_ signer: PermID) {
    guard let number = signers.number(of: SignerKey(signer)) else { return }
    signers.release(number)
  }
}
