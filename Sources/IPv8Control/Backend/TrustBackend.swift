/// What can be asked and said about trust; a part of ``ControlBackend``.
public protocol TrustBackend: Sendable {
  /// What this machine thinks of a peer, a contact or not, and why.
  func trust(_ selector: PeerSelector) async throws(ControlError) -> TrustReport
  /// The strongest chain of friends to a peer, then up to `count` that share nobody between.
  func friendPaths(
    _ selector: PeerSelector, count: Int
  ) async throws(ControlError) -> FriendPathsReport
  func friends() async throws(ControlError) -> FriendListReport
  /// Has nothing to do with a peer any more, a contact or not; or again.
  func setBlocked(_ selector: PeerSelector, _ isBlocked: Bool) async throws(ControlError)
  func blocked() async throws(ControlError) -> BlockListReport
  func admission() async throws(ControlError) -> AdmissionReport
  /// Changes whom to let in, from now on and after restarts.
  func setAdmission(_ request: AdmissionRequest) async throws(ControlError) -> AdmissionReport
}
