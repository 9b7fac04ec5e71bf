import IPv8Control
import IPv8Crypto
import IPv8Node
import IPv8Store
import IPv8Wire

/// Peers that the user did not add.
extension DaemonBackend {
  /// Those that the engine knows, by their PermIDs.
  func uninvited(_ engine: EngineStatus) throws(ControlError) -> [PeerReport] {
    let others = engine.peers.filter { $0.value.kind != .added }
    let relays = relayBook(
      engine, try stored { store throws(StoreError) in try store.contacts() })
    return others.sorted { $0.key < $1.key }.map { permID, live in
      var report = PeerReport(
        permID: "\(permID)", name: "", address6: "\(OverlayAddress(of: permID))",
        admittedAs: live.kind.rawValue)
      report.add(live, by: relays, at: engine.now)
      return report
    }
  }

  /// A contact, or a peer that was let in without having been added, by PermID or overlay address.
  func livePeer(
    _ selector: PeerSelector
  ) async throws(ControlError) -> (permID: PermID, name: String) {
    do throws(ControlError) {
      let contact = try find(selector)
      return (contact.permID, name(of: contact))
    } catch {
      guard error.code == .peerUnknown else { throw error }
      let peer = try await anyPeer(selector)
      guard try await engineStatus().peers[peer] != nil else { throw error }
      return (peer, "")
    }
  }
}
