import IPv8Control
import IPv8Wire

/// Trust as the fake daemon has it: everyone is a stranger.
extension FakeBackend {
  func trust(_ selector: PeerSelector) async throws(ControlError) -> TrustReport {
    guard selector != .name("nobody") else { throw ControlError(.peerUnknown, "nobody") }
    return TrustReport(permID: Self.identity.permID, name: "\(selector)", standing: "stranger")
  }

  func friendPaths(
    _ selector: PeerSelector, count: Int
  ) async throws(ControlError) -> FriendPathsReport {
    let edge = TrustReport.Edge(signer: "a", subject: "b", weight: count)
    return FriendPathsReport(
      permID: Self.identity.permID, name: "\(selector)",
      paths: [
        FriendPathsReport.Path(kind: "strongest", peers: ["a", "b"], weakest: edge, proven: true)
      ])
  }

  func friends() async throws(ControlError) -> FriendListReport { FriendListReport(friends: []) }

  func setBlocked(_ selector: PeerSelector, _ isBlocked: Bool) async throws(ControlError) {
    guard selector != .name("nobody") else { throw ControlError(.peerUnknown, "nobody") }
  }

  func blocked() async throws(ControlError) -> BlockListReport { BlockListReport(blocked: []) }

  func admission() async throws(ControlError) -> AdmissionReport {
    AdmissionReport(admit: "trusted", signers: 3, bindings: 2, relations: 1, connected: 0)
  }

  func setAdmission(
    _ request: AdmissionRequest
  ) async throws(ControlError) -> AdmissionReport {
    guard request.admit != "nobody" else { throw ControlError(.admissionInvalid, "nobody") }
    return AdmissionReport(
      admit: request.admit, signers: 3, bindings: 2, relations: 1, connected: 0)
  }
}
