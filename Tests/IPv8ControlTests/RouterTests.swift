import Testing

@testable import IPv8Control

@Suite struct RouterTests {
  private static let socket = "GET /v1/path?protocol="
  private static let bob = String(repeating: "b", count: 51) + "a"

  private static func request(_ line: String, _ body: String = "") -> String {
    "\(line) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test(
    "a request that is not understood gets its status and code",
    arguments: [
      ("GET /", "", 404, "routeUnknown"),
      ("GET /v2/status", "", 404, "routeUnknown"),
      ("GET /v1/", "", 404, "routeUnknown"),
      ("GET /v1/peers/a/b", "", 404, "routeUnknown"),
      ("POST /v1/status", "", 405, "methodNotAllowed"),
      ("GET /v1/down", "", 405, "methodNotAllowed"),
      ("GET /v1/peers/bob", "", 405, "methodNotAllowed"),
      ("PUT /v1/peers/bob", "{}", 400, "permIDMalformed"),
      ("PUT /v1/peers/\(bob)", "{", 400, "requestMalformed"),
      ("PUT /v1/peers/\(bob)", "", 400, "requestMalformed"),
      ("PUT /v1/peers/\(bob)", "[]", 400, "requestMalformed"),
      ("PUT /v1/peers/\(bob)", #"{"endpoints": 7}"#, 400, "requestMalformed"),
      ("PUT /v1/peers/\(bob)", #"{"endpoints": ["x"]}"#, 400, "endpointMalformed"),
      ("DELETE /v1/peers/nobody", "", 404, "peerUnknown"),
      ("DELETE /v1/peers/%ff", "", 400, "requestMalformed"),
      ("DELETE /v1/peers/2001:db8::1", "", 404, "peerUnknown"),
      ("POST /v1/ping", #"{"peer": "bob"}"#, 400, "requestMalformed"),
      ("POST /v1/ping", #"{"peer": "", "timeoutMilliseconds": 1}"#, 400, "requestMalformed"),
      ("POST /v1/ping", #"{"peer": "bob", "timeoutMilliseconds": 0}"#, 400, "requestMalformed"),
      ("POST /v1/ping", #"{"peer": "bob", "timeoutMilliseconds": 60001}"#, 400, "requestMalformed"),
      ("POST /v1/ping", #"{"peer": "eve", "timeoutMilliseconds": 1}"#, 504, "timeout"),
      ("GET /v1/peers/eve/why", "", 404, "peerUnknown"),
      ("POST /v1/peers/bob/why", "", 405, "methodNotAllowed"),
      ("GET /v1/peers/bob/whence", "", 404, "routeUnknown"),
      ("GET /v1/peers/eve/path", "", 404, "peerUnknown"),
      ("GET /v1/peers//path", "", 400, "requestMalformed"),
      ("GET /v1/peers/%ff/path/events", "", 400, "requestMalformed"),
      ("POST /v1/paths", "{}", 405, "methodNotAllowed"),
      ("HEAD /v1/paths/events", "", 405, ""),
      ("GET /v1/paths/events/events", "", 404, "routeUnknown"),
      ("GET /v1/path", "", 400, "requestMalformed"),
      ("GET /v1/path?to=x", "", 400, "requestMalformed"),
      ("GET /v1/path?to=%ff", "", 400, "requestMalformed"),
      ("GET /v1/path?to=2001:db8::1", "", 404, "peerUnknown"),
      ("GET /v1/path?to=fde8::2&to=fde8::2", "", 400, "requestMalformed"),
      ("\(socket)sctp&local=[fde8::1]:1&remote=[fde8::2]:2", "", 400, "requestMalformed"),
      ("\(socket)tcp&local=[fde8::1]:0&remote=[fde8::2]:2", "", 400, "requestMalformed"),
      ("\(socket)tcp&local=[fde8::1]:1&remote=ada:2", "", 400, "requestMalformed"),
      ("\(socket)tcp&local=[fde8::1]:1", "", 400, "requestMalformed"),
      ("\(socket)tcp&local=[fde8::1]:1&remote=[2001:db8::1]:2", "", 404, "peerUnknown"),
      ("\(socket)tcp&local=[fde8::7]:1&remote=[fde8::2]:2", "", 404, "addressNotLocal"),
      ("\(socket)tcp&local=[fde8::1]:9&remote=[fde8::2]:2", "", 404, "socketUnknown"),
      ("GET /v1/paths/events?intervalMilliseconds=99", "", 400, "requestMalformed"),
      ("GET /v1/paths/events?intervalMilliseconds=60001", "", 400, "requestMalformed"),
      ("GET /v1/paths/events?intervalMilliseconds=1s", "", 400, "requestMalformed"),
      ("GET /v1/peers/eve/path/events", "", 404, "peerUnknown"),
      ("GET /v1/relations", "", 405, "methodNotAllowed"),
      ("POST /v1/relations", "{}", 400, "requestMalformed"),
      ("POST /v1/relations", #"{"relations": []}"#, 400, "requestMalformed"),
      ("POST /v1/relations", #"{"relations": [{"permID": "x"}]}"#, 400, "requestMalformed"),
      (
        "POST /v1/relations", #"{"relations": [{"permID": "x", "strength": 2}]}"#, 400,
        "strengthInvalid"
      ),
      ("GET /v1/netcheck", "", 405, "methodNotAllowed"),
      ("POST /v1/netcheck", "{}", 400, "requestMalformed"),
      ("POST /v1/netcheck", #"{"timeoutMilliseconds": 60001}"#, 400, "requestMalformed"),
      (
        "POST /v1/netcheck", #"{"timeoutMilliseconds": 1, "servers": ["x"]}"#, 400,
        "endpointMalformed"
      ),
    ])
  func refusals(line: String, body: String, status: Int, code: String) async throws {
    try await withServer { _, _, socket in
      let answer = try #require(try await exchange(Self.request(line, body), with: socket))
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
      if code.isEmpty { return }
      #expect(answer.contains(#"{"error":"\#(code)","message":""#), "\(answer)")
      #expect(answer.contains("application/json"))
    }
  }

  @Test("a body of more than 64 KiB is refused, announced or in chunks, and the server goes on")
  func bodyLimit() async throws {
    try await withServer { client, _, socket in
      let large = String(repeating: " ", count: ControlRequest.bodyLimit + 1)
      let announced = try #require(
        try await exchange(Self.request("PUT /v1/peers/\(Self.bob)", large), with: socket))
      #expect(announced.hasPrefix("HTTP/1.1 413 ") && announced.contains("requestTooLarge"))
      let chunked = try #require(
        try await exchange(
          "PUT /v1/peers/\(Self.bob) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "\(String(large.utf8.count, radix: 16))\r\n\(large)\r\n0\r\n\r\n", with: socket))
      #expect(chunked.hasPrefix("HTTP/1.1 413 ") && chunked.contains("requestTooLarge"))
      #expect(try await client.version().version == "9.9.9")
    }
  }

  @Test("a body of exactly 64 KiB is read")
  func bodyAtLimit() async throws {
    try await withServer { _, _, socket in
      let padding = String(repeating: " ", count: ControlRequest.bodyLimit - 2)
      let answer = try #require(
        try await exchange(
          Self.request("PUT /v1/peers/\(Self.bob)", "{\(padding)}"), with: socket))
      #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(answer.prefix(200))")
    }
  }
}
