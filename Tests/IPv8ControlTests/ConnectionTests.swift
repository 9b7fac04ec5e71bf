import IPv8Wire
import Testing

@testable import IPv8Control

@Suite struct ConnectionTests {
  private static let version = #"{"version":"9.9.9"}"#

  private static func get(_ extra: String = "") -> String {
    "GET /v1/version HTTP/1.1\r\nHost: localhost\r\n\(extra)\r\n"
  }

  private static let mutePing: String = {
    let body = #"{"peer":"mute","timeoutMilliseconds":60000}"#
    return "POST /v1/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }()

  @Test("bytes that are no HTTP are answered 400 and end the connection and nothing else")
  func garbage() async throws {
    try await withServer { client, _, socket in
      for bytes in [
        "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n", "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      ] {
        let answer = try #require(try await exchange(bytes, with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(bytes): \(answer)")
      }
      #expect(try await client.version().version == "9.9.9")
    }
  }

  @Test("too long a header field, too many of them, and too long a path are answered 400")
  func headerLimits() async throws {
    let long = String(repeating: "x", count: ControlConnection.headerFieldSizeLimit + 1)
    let half = String(repeating: "x", count: ControlConnection.headerFieldSizeLimit / 2)
    try await withServer { client, _, socket in
      for request in [
        Self.get("X: \(long)\r\n"), Self.get("\(long): 1\r\n"),
        Self.get(String(repeating: "X: \(half)\r\n", count: 5)),
        Self.get(String(repeating: "X: 1\r\n", count: ControlConnection.headerFieldLimit)),
        "GET /\(long) HTTP/1.1\r\n\r\n",
      ] {
        let answer = try #require(try await exchange(request, with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(request.prefix(16)): \(answer)")
      }
      #expect(try await client.version().version == "9.9.9")
    }
  }

  @Test("a connection takes requests one after another, and several sent at once, in order")
  func keepAlive() async throws {
    try await withServer { _, _, socket in
      let answer = try await blocking {
        let connection = try RawConnection(to: socket)
        connection.send(Self.get())
        let first = connection.receive { $0.hasSuffix(Self.version) }
        connection.send(
          "GET /v1/identity HTTP/1.1\r\n\r\n" + "HEAD /v1/version HTTP/1.1\r\n\r\n"
            + Self.get("Connection: close\r\n"))
        return (first, connection.receive())
      }
      #expect(answer.0?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
      let parts = try #require(answer.1).split(separator: "HTTP/1.1 ")
      try #require(parts.count == 3)
      #expect(parts[0].contains(FakeBackend.identity.permID))
      #expect(parts[1].hasPrefix("405 ") && parts[1].hasSuffix("\r\n\r\n"))
      #expect(parts[2].hasPrefix("200 ") && parts[2].hasSuffix(Self.version))
    }
  }

  @Test("an answer of several megabytes arrives whole")
  func largeAnswer() async throws {
    try await withServer { client, _, _ in
      let endpoints = (1...1500).map { "\(String(repeating: "h", count: 20)).example:\($0)" }
      for byte in UInt8(1)...40 {
        let permID = try #require(PermID([UInt8](repeating: byte, count: PermID.byteCount)))
        _ = try await client.addPeer(permID, PeerAddition(name: "\(byte)", endpoints: endpoints))
      }
      let peers = try await client.peers()
      #expect(peers.count == 40 && peers.allSatisfy { $0.endpoints == endpoints })
    }
  }

  @Test("one connection too many waits until another ends")
  func connectionLimit() async throws {
    try await withServer { _, backend, socket in
      // Unanswered, so that none of them is idle for too long while the last are opened.
      var connections: [RawConnection] = []
      for _ in 0..<ControlServer.connectionLimit {
        let connection = try RawConnection(to: socket)
        connection.send(Self.mutePing)
        connections.append(connection)
      }
      try await eventually { backend.waitingPings == ControlServer.connectionLimit }
      let further = try RawConnection(to: socket)
      further.send(Self.get("Connection: close\r\n"))
      #expect(try await blocking { further.receive(within: 1) } == nil)
      backend.answerMute()
      connections.removeLast()
      #expect(try await blocking { further.receive() }?.hasSuffix(Self.version) == true)
    }
  }

  @Test("a client that does not finish its request is not waited for")
  func slowClient() async throws {
    try await withServer { _, _, socket in
      let answer = try await exchange("GET /v1/version HTTP/1.1\r\nHo", with: socket)
      #expect(answer == "")
    }
  }

  @Test("a request under way when the server ends is answered")
  func lastAnswer() async throws {
    try await withEndingServer { backend, socket, end in
      async let answer = exchange(Self.mutePing, with: socket)
      try await eventually { backend.waitingPings == 1 }
      await end()
      backend.answerMute()
      #expect(try await answer?.hasPrefix("HTTP/1.1 200 ") == true)
    }
  }

  @Test("neither an idle client nor a backend that does not answer holds the server's end")
  func stuckBackend() async throws {
    let backend = try await withEndingServer { backend, socket, end in
      let idle = try RawConnection(to: socket)
      async let answer = exchange(Self.mutePing, with: socket)
      try await eventually { backend.waitingPings == 1 }
      await end()
      #expect(try await answer == "")
      #expect(try await blocking { idle.receive() } == "")
      return backend
    }
    backend.answerMute()
  }

  /// Runs `body` beside a server, which has to be at its end when `body` is.
  private func withEndingServer<T>(
    _ body: (FakeBackend, _ socket: String, _ end: () async -> Void) async throws -> T
  ) async throws -> T {
    try await withTemporaryDirectory { directory in
      let backend = FakeBackend()
      let server = try ControlServer(path: directory + "/s", backend: backend)
      let (listening, told) = AsyncStream.makeStream(of: Never.self)
      let running = Task { try await server.run { told.finish() } }
      for await _ in listening {}
      let result = try await body(backend, directory + "/s", server.stop)
      try await running.value
      return result
    }
  }
}
