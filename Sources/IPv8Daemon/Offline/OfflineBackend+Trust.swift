import IPv8Control
import IPv8Wire

/// Trust is computed by the daemon alone.
extension OfflineBackend {
  public func trust(_ selector: PeerSelector) async throws(ControlError) -> TrustReport {
    throw notRunning
  }

  public func friendPaths(
    _ selector: PeerSelector, count: Int
  ) async throws(ControlError) -> FriendPathsReport { throw notRunning }

  public func friends() async throws(ControlError) -> FriendListReport { throw notRunning }

  public func setBlocked(
    _ selector: PeerSelector, _ isBlocked: Bool
  ) async throws(ControlError) { throw notRunning }

  public func blocked() async throws(ControlError) -> BlockListReport { throw notRunning }

  public func admission() async throws(ControlError) -> AdmissionReport { throw notRunning }

  public func setAdmission(
    _ request: AdmissionRequest
  ) async throws(ControlError) -> AdmissionReport { throw notRunning }
}
