import IPv8Control
import IPv8Crypto
import IPv8Platform

extension OfflineBackend {
  public func signRelations(
    _ wishes: [RelationWish]
  ) async throws(ControlError) -> [SignedRelationReport] {
    let identity: IdentityKey
    do throws(IdentityError) {
      identity = try IdentityFile.load(state.identity)
    } catch { throw ControlError(error) }
    let signer = RelationSigner(identity, try openStore())
    return try signer.sign(wishes, now: SystemClock.wallTime()).map { SignedRelationReport($0) }
  }
}
