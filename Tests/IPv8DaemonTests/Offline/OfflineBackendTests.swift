import Foundation
import IPv8Control
import IPv8Crypto
import IPv8Store
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite struct OfflineBackendTests {
  let directory: TemporaryDirectory
  let state: StateDirectory

  init() throws {
    directory = try TemporaryDirectory()
    state = StateDirectory(directory.path + "/state")
  }

  private func backend() throws -> OfflineBackend {
    try state.create()
    return try OfflineBackend(state)
  }

  private func somebody() throws -> PermID {
    try IdentityFile.loadOrCreate(directory.path + "/\(UUID().uuidString).key").permID
  }

  @Test("the address book is kept without a daemon")
  func addressBook() async throws {
    let bob = try somebody()
    let addition = PeerAddition(name: "bob", endpoints: ["192.0.2.1:5", "bob.example:6"])
    let added = try await backend().addPeer(bob, addition)
    #expect(added.permID == "\(bob)" && added.name == "bob" && added.state == .idle)
    #expect(added.address6 == "\(OverlayAddress(of: bob))" && added.path == .none)
    #expect(added.endpoints == addition.endpoints)
    #expect(added.binding?.endpoints == ["192.0.2.1:5"] && added.binding?.signed == false)
    #expect(try await backend().peers() == [added])
    try await backend().removePeer(.name("bob"))
    #expect(try await backend().peers().isEmpty)
    await #expect(throws: ControlError(.peerUnknown, "bob")) {
      try await backend().removePeer(.name("bob"))
    }
  }

  @Test("a malformed endpoint, a taken name, a PermID of nobody and oneself are refused")
  func refusals() async throws {
    let (bob, eve) = (try somebody(), try somebody())
    let offline = try backend()
    let own = try IdentityFile.loadOrCreate(state.identity).permID
    _ = try await offline.addPeer(bob, PeerAddition(name: "bob"))
    await #expect(throws: ControlError(.endpointMalformed, "192.0.2.1")) {
      try await offline.addPeer(eve, PeerAddition(endpoints: ["192.0.2.1"]))
    }
    await #expect(throws: ControlError(.nameTaken, "bob")) {
      try await offline.addPeer(eve, PeerAddition(name: "bob"))
    }
    await #expect(throws: ControlError(.nameInvalid, "10.0.0.1")) {
      try await offline.addPeer(eve, PeerAddition(name: "10.0.0.1"))
    }
    await #expect(throws: ControlError(.peerIsSelf, "\(own)")) {
      try await offline.addPeer(own, PeerAddition())
    }
    let nobody = try #require(PermID([UInt8](repeating: 0, count: 32)))
    await #expect(throws: ControlError(.permIDMalformed, "\(nobody)")) {
      try await offline.addPeer(nobody, PeerAddition())
    }
    #expect(try await offline.peers().map(\.name) == ["bob"])
  }

  @Test("the identity is told from its file and never made by asking")
  func identity() async throws {
    let offline = try backend()
    await #expect(throws: ControlError(.identityMissing, state.identity)) {
      try await offline.identity()
    }
    let made = try IdentityFile.loadOrCreate(state.identity).permID
    let told = try await offline.identity()
    #expect(told.permID == "\(made)" && told.address6 == "\(OverlayAddress(of: made))")
    #expect(told.name.isEmpty && !FileManager.default.fileExists(atPath: state.database))
    try Store(path: state.database).setSetting(.name, to: "ada")
    #expect(try await offline.identity().name == "ada")
  }

  @Test("a second process on the same state is refused until the first is done")
  func lock() async throws {
    do {
      let first = try backend()
      #expect(throws: ControlError(.stateBusy, state.path)) { try OfflineBackend(state) }
      #expect(try await first.peers().isEmpty)
    }
    #expect(throws: Never.self) { try OfflineBackend(state) }
  }

  @Test("a state directory that does not exist is said to be missing, and not made")
  func missingDirectory() {
    #expect(throws: ControlError(.stateMissing, state.path)) { try OfflineBackend(state) }
    #expect(!FileManager.default.fileExists(atPath: state.path))
  }

  @Test("a corrupt database and a corrupt identity are named and left alone")
  func corruption() async throws {
    let offline = try backend()
    let garbage = Data(repeating: 0x7a, count: 8_192)
    try garbage.write(to: URL(fileURLWithPath: state.database))
    let error = await #expect(throws: ControlError.self) { try await offline.peers() }
    #expect(error?.code == .storage && error?.explanation.contains(state.database) == true)
    #expect(FileManager.default.contents(atPath: state.database) == garbage)
    try garbage.write(to: URL(fileURLWithPath: state.identity))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: state.identity)
    let other = await #expect(throws: ControlError.self) { try await offline.identity() }
    #expect(other?.code == .storage && other?.explanation.contains(state.identity) == true)
  }

  @Test("what needs the daemon says that it is not running")
  func notRunning() async throws {
    let offline = try backend()
    let expected = ControlError(.notRunning, state.socket)
    await #expect(throws: expected) { try await offline.status() }
    await #expect(throws: expected) { try await offline.down() }
    await #expect(throws: expected) {
      try await offline.ping(PingRequest(peer: .name("bob"), timeoutMilliseconds: 1))
    }
  }
}
