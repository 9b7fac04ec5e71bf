import IPv8Control
import IPv8Platform

extension DaemonBackend {
  func signRelations(
    _ wishes: [RelationWish]
  ) async throws(ControlError) -> [SignedRelationReport] {
    try signer.sign(wishes, now: SystemClock.wallTime()).map { SignedRelationReport($0) }
  }
}
