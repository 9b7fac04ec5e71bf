import Foundation
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Control

@Suite struct ControlSocketTests {
  @Test("each call over the socket gives what the backend gives")
  func calls() async throws {
    try await withServer { client, backend, _ in
      #expect(try await client.version() == backend.version())
      #expect(try await client.identity() == FakeBackend.identity)
      let many = (0..<256).map {
        RelationWish(permID: String(repeating: "a", count: 52), strength: Double($0) / 256)
      }
      let signed = try await client.signRelations(many)
      #expect(signed.map(\.strength) == many.map(\.strength) && signed[0].type == 3)
      await #expect(throws: ControlError(.requestMalformed, "field relations")) {
        try await client.signRelations(many + many)
      }
      #expect(try await client.status() == Samples.status)
      #expect(try await client.peers().isEmpty)
      let addition = PeerAddition(name: "bob", endpoints: ["b.example:1"], keepOpen: true)
      let added = try await client.addPeer(Samples.bob, addition)
      #expect(added.name == "bob" && added.keepOpen && added.endpoints == ["b.example:1"])
      #expect(try await client.peers() == [added])
      let ping = try await client.ping(PingRequest(peer: .name("bob"), timeoutMilliseconds: 7))
      #expect(ping.rttMicroseconds == 7)
      try await client.removePeer(.name("bob"))
      #expect(try await client.peers().isEmpty)
      try await client.down()
      #expect(backend.isDown)
    }
  }

  @Test("an error of the backend arrives with its code and subject")
  func errors() async throws {
    try await withServer { client, _, _ in
      await #expect(throws: ControlError(.peerUnknown, "nobody")) {
        try await client.removePeer(.name("nobody"))
      }
      await #expect(throws: ControlError(.timeout, "eve")) {
        try await client.ping(PingRequest(peer: .name("eve"), timeoutMilliseconds: 1))
      }
      await #expect(throws: ControlError(.endpointMalformed, "b:0")) {
        try await client.addPeer(Samples.bob, PeerAddition(endpoints: ["b:0"]))
      }
      _ = try await client.addPeer(Samples.bob, PeerAddition(name: "bob"))
      await #expect(throws: ControlError(.nameTaken, "bob")) {
        try await client.addPeer(Samples.eve, PeerAddition(name: "bob"))
      }
    }
  }

  @Test(
    "a name is removed whatever signs it has",
    arguments: ["été", "a b", "50%", "a?b", "a#b", "..", "%2F", "\"quoted\"", "a+b", "東京"])
  func names(_ name: String) async throws {
    try await withServer { client, _, _ in
      _ = try await client.addPeer(Samples.bob, PeerAddition(name: name))
      try await client.removePeer(.name(name))
      #expect(try await client.peers().isEmpty)
    }
  }

  @Test("where no socket is, and where nobody listens, the daemon is not running")
  func notRunning() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/control.sock"
      let client = try ControlClient(path: path)
      await #expect(throws: ControlError(.notRunning, path)) { try await client.version() }
      try leaveStaleSocket(at: path)
      await #expect(throws: ControlError(.notRunning, path)) { try await client.version() }
    }
  }

  @Test("the socket is for owner and group, a stale one is replaced, and the end removes it")
  func file() async throws {
    var path = ""
    try await withServer { _, _, socket in
      path = socket
      let attributes = try FileManager.default.attributesOfItem(atPath: socket)
      #expect(attributes[.posixPermissions] as? Int == 0o660)
      #expect(!FileManager.default.fileExists(atPath: socket + ".new"))
    }
    #expect(!FileManager.default.fileExists(atPath: path))
    try await withTemporaryDirectory { directory in
      let path = directory + "/control.sock"
      try leaveStaleSocket(at: path)
      let server = try ControlServer(path: path, backend: FakeBackend())
      try await server.run {
        await #expect(throws: Never.self) { try await ControlClient(path: path).version() }
        await server.stop()
      }
    }
  }

  @Test("another file in the socket's place is left alone")
  func obstacle() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory + "/control.sock"
      try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
      let server = try ControlServer(path: path, backend: FakeBackend())
      await #expect(throws: ControlError.self) { try await server.run {} }
      #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
    }
  }

  @Test("a path longer than a socket's address can hold is refused")
  func longPath() {
    let path = "/" + String(repeating: "x", count: 96)
    #expect(throws: ControlError.self) { try ControlClient(path: path) }
  }

  @Test("cancelling the task that serves ends it")
  func cancellation() async throws {
    try await withTemporaryDirectory { directory in
      let server = try ControlServer(path: directory + "/s", backend: FakeBackend())
      let (listening, told) = AsyncStream.makeStream(of: Void.self)
      let task = Task { try await server.run { told.yield() } }
      for await _ in listening { break }
      task.cancel()
      try await task.value
      #expect(!FileManager.default.fileExists(atPath: directory + "/s"))
    }
  }

  private func leaveStaleSocket(at path: String) throws {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }
}
