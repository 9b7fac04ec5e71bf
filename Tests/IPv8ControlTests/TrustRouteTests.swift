import IPv8Control
import IPv8Wire
import Testing

/// docs/reference/control-api.md, trust and admission, through a real socket.
@Suite("Trust by the control API")
struct TrustRouteTests {
  @Test("is told of any peer, with its paths")
  func tells() async throws {
    try await withServer { client, _, _ in
      let bob = PeerSelector.name("bob/ö")
      let trust = try await client.trust(bob)
      #expect(trust.standing == "stranger" && trust.name == "bob/ö")
      let paths = try await client.friendPaths(bob, count: 7)
      #expect(paths.paths.first?.weakest.weight == 7)
      #expect(try await client.friends().friends.isEmpty)
      await expect(.peerUnknown) { () async throws(ControlError) in
        _ = try await client.trust(.name("nobody"))
      }
      await expect(.requestMalformed) { () async throws(ControlError) in
        _ = try await client.friendPaths(bob, count: 17)
      }
    }
  }

  @Test("and admission are changed by it, and what is none is refused")
  func changes() async throws {
    try await withServer { client, _, _ in
      #expect(try await client.admission().admit == "trusted")
      let report = try await client.setAdmission(AdmissionRequest(admit: "anyone"))
      #expect(report.admit == "anyone" && report.signers == 3)
      await expect(.admissionInvalid) { () async throws(ControlError) in
        _ = try await client.setAdmission(AdmissionRequest(admit: "nobody"))
      }
      try await client.setBlocked(.name("bob"), true)
      try await client.setBlocked(.name("bob"), false)
      #expect(try await client.blocked().blocked.isEmpty)
      await expect(.peerUnknown) { () async throws(ControlError) in
        try await client.setBlocked(.name("nobody"), true)
      }
    }
  }

  private func expect(
    _ code: ControlError.Code, _ body: () async throws(ControlError) -> Void
  ) async {
    do throws(ControlError) {
      try await body()
      Issue.record("no error")
    } catch { #expect(error.code == code) }
  }
}
