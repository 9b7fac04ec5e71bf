import IPv8Control
import IPv8Platform

extension DaemonBackend {
  func signRelations(
    _ wishes: [RelationWish]
  ) async throws(ControlError) -> [SignedRelationReport] {
    let outcomes = try signer.sign(wishes, now: SystemClock.wallTime())
    records.post(.signed(outcomes.filter(\.isNew).map(\.relation)))
    return outcomes.map { SignedRelationReport($0) }
  }
}
