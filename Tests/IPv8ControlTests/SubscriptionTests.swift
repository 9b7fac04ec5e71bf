import Foundation
import Synchronization
import Testing

@testable import IPv8Control

@Suite struct SubscriptionTests {
  private static func subscription(_ target: String, _ header: String = "") -> String {
    "GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n"
  }

  /// To bob's path, ten times a second.
  private static let fast = subscription("/v1/peers/bob/path/events?intervalMilliseconds=100")

  private static func events(_ text: String) -> Int {
    text.components(separatedBy: "\n\n").count - 1
  }

  @Test("events come at once and then at each interval, as one line of JSON each")
  func events() async throws {
    try await withServer { _, _, socket in
      for (target, header) in [
        ("/v1/peers/bob/path/events?intervalMilliseconds=100", ""),
        ("/v1/peers/bob/path?intervalMilliseconds=100", "Accept: text/event-stream\r\n"),
        ("/v1/paths?intervalMilliseconds=100", "Accept: text/html, text/event-stream;q=0.9\r\n"),
        ("/v1/path/events?to=fde8::2&intervalMilliseconds=100", ""),
      ] {
        let text = try await blocking {
          let connection = try RawConnection(to: socket)
          connection.send(Self.subscription(target, header))
          return connection.receive { Self.events($0) >= 3 }
        }
        let answer = try #require(text)
        let parts = answer.components(separatedBy: "\r\n\r\n")
        try #require(parts.count == 2, "\(answer)")
        #expect(parts[0].hasPrefix("HTTP/1.1 200 "))
        #expect(parts[0].contains("Content-Type: text/event-stream"))
        for event in parts[1].components(separatedBy: "\n\n").prefix(3) {
          let lines = event.components(separatedBy: "\n")
          #expect(lines.count == 2 && lines[0] == "event: path", "\(event)")
          #expect(lines.last?.hasPrefix("data: {") == true, "\(event)")
        }
      }
    }
  }

  @Test("the client's watch is told what the backend tells, until its task ends")
  func watching() async throws {
    try await withServer { client, backend, _ in
      let told = Mutex<[PathQualityReport]>([])
      let watching = Task {
        try await client.watch(.peer(.name("bob")), every: 100) { report throws(ControlError) in
          told.withLock { $0.append(report) }
        }
      }
      try await eventually { told.withLock { $0.count >= 3 } }
      watching.cancel()
      _ = await watching.result
      #expect(told.withLock { $0.allSatisfy { $0 == Samples.quality } })
      // The server notices: nobody is read for any more.
      let before = backend.pathReadings
      try await Task.sleep(for: .milliseconds(500))
      #expect(backend.pathReadings <= before + 2)
      await #expect(throws: ControlError(.peerUnknown, "eve")) {
        try await client.watch(.peer(.name("eve")), every: 100) { _ throws(ControlError) in }
      }
    }
  }

  @Test("a contact that goes ends the stream with an error event")
  func removed() async throws {
    try await withServer { client, _, socket in
      let answer = try await exchange(
        Self.subscription("/v1/peers/brief/path/events?intervalMilliseconds=100"), with: socket)
      let text = try #require(answer)
      #expect(text.contains("event: path\ndata: {") && text.hasSuffix("}\n\n"), "\(text)")
      #expect(text.contains(#"event: error\#ndata: {"error":"peerUnknown""#), "\(text)")
    }
  }

  @Test("one subscription too many is refused, and let in when another has gone")
  func limit() async throws {
    try await withServer { client, _, socket in
      try await blocking {
        var connections: [RawConnection] = []
        for _ in 0..<Subscribers.limit {
          let connection = try RawConnection(to: socket)
          connection.send(Self.fast)
          #expect(connection.receive { Self.events($0) >= 1 } != nil)
          connections.append(connection)
        }
        func isRefused() throws -> Bool {
          let further = try RawConnection(to: socket)
          further.send(Self.fast)
          let answer = try #require(further.receive { Self.events($0) >= 1 || $0.hasSuffix("}") })
          #expect(answer.hasPrefix("HTTP/1.1 200 ") || answer.contains("tooManySubscribers"))
          return answer.hasPrefix("HTTP/1.1 503 ")
        }
        #expect(try isRefused())
        connections.removeLast()
        let deadline = Date() + 20
        while try isRefused() {
          guard Date() < deadline else { throw TookTooLong() }
        }
      }
      // Questions are answered all the while.
      #expect(try await client.version().version == "9.9.9")
    }
  }

  @Test("a reader that takes nothing is dropped, and costs others nothing")
  func slowReader() async throws {
    try await withServer { client, backend, socket in
      let dropped = try await blocking {
        let connection = try RawConnection(to: socket)
        connection.send(Self.subscription("/v1/peers/large/path/events?intervalMilliseconds=100"))
        return connection.hangsUp(within: 30)
      }
      #expect(dropped)
      #expect(backend.pathReadings == 1)
      #expect(try await client.version().version == "9.9.9")
    }
  }

  @Test("subscriptions end with the server, however long their interval")
  func serverEnds() async throws {
    try await withTemporaryDirectory { directory in
      let server = try ControlServer(path: directory + "/s", backend: FakeBackend())
      let (listening, told) = AsyncStream.makeStream(of: Never.self)
      let running = Task { try await server.run { told.finish() } }
      for await _ in listening {}
      let connection = try RawConnection(to: directory + "/s")
      let target = "/v1/paths/events?intervalMilliseconds=60000"
      connection.send(Self.subscription(target))
      let first = try await blocking { connection.receive { Self.events($0) == 1 } }
      #expect(first != nil)
      await server.stop()
      try await running.value
      #expect(try await blocking { connection.receive() } == "")
    }
  }

  @Test("events are put together from whatever pieces they arrive in")
  func reader() {
    let text = ":\n\nevent: path\ndata: {\"a\":1}\n\nevent: error\ndata: {}\n\n: x\n\ndata: 2\n\nda"
    let expected = [
      EventReader.Event(name: "path", data: Data(#"{"a":1}"#.utf8)),
      EventReader.Event(name: "error", data: Data("{}".utf8)),
      EventReader.Event(name: "message", data: Data("2".utf8)),
    ]
    for size in 1...text.utf8.count {
      var reader = EventReader()
      var rest = Array(text.utf8)[...]
      var events: [EventReader.Event] = []
      while !rest.isEmpty {
        events += reader.take(rest.prefix(size))
        rest = rest.dropFirst(size)
      }
      #expect(events == expected)
      #expect(!reader.isTooLong)
    }
  }
}
