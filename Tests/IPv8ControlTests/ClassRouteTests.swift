import IPv8Wire
import Testing

@testable import IPv8Control

/// docs/reference/control-api.md, classes of traffic, through a real socket.
@Suite("Classes of traffic by the control API")
struct ClassRouteTests {
  private static func subject(localPort: UInt16 = 1) throws -> PathQuery {
    let local = try #require(Endpoint(text: "[fde8::1]:\(localPort)"))
    let remote = try #require(Endpoint(text: "[fde8::2]:2"))
    return .socket(LocalSocket(transport: .tcp, local: local, remote: remote))
  }

  @Test("are declared for a peer or a socket, told of, and taken back")
  func declares() async throws {
    try await withServer { client, _, socket in
      #expect(try await client.classes() == [Samples.flowClass])
      for subject in [try Self.subject(), .peer(.name("bob"))] {
        let report = try await client.setClass(
          of: subject, ClassWish(class: "normal", lifetimeSeconds: 7))
        #expect(report.class == "normal" && report.secondsLeft == 7)
        let endless = try await client.setClass(of: subject, ClassWish(class: "interactive"))
        #expect(endless.class == "interactive" && endless.secondsLeft == nil)
        try await client.removeClass(of: subject)
      }
      let body = #"{"class":"background"}"#
      for target in [
        "/v1/class?to=fde8::2", "/v1/peers/bob/class",
        "/v1/class?protocol=udp&local=[fde8::1]:1&remote=100.64.0.2:2",
      ] {
        let request =
          "PUT \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let answer = try #require(try await exchange(request, with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(target): \(answer)")
        #expect(answer.contains(#""class":"background""#), "\(target): \(answer)")
      }
    }
  }

  @Test("that are none, are of no peer or socket, or last too long are refused")
  func refuses() async throws {
    try await withServer { client, _, socket in
      await #expect(throws: ControlError(.classInvalid, "urgent")) {
        try await client.setClass(of: .peer(.name("bob")), ClassWish(class: "urgent"))
      }
      await #expect(throws: ControlError(.peerUnknown, "nobody")) {
        try await client.setClass(of: .peer(.name("nobody")), ClassWish(class: "normal"))
      }
      await #expect(throws: ControlError(.peerUnknown, "nobody")) {
        try await client.removeClass(of: .peer(.name("nobody")))
      }
      let unknown = try Self.subject(localPort: 9)
      await #expect(throws: ControlError(.socketUnknown, "tcp [fde8::1]:9 to [fde8::2]:2")) {
        try await client.setClass(of: unknown, ClassWish(class: "normal"))
      }
      for lifetime in [0, -1, 86_401] {
        await #expect(throws: ControlError(.requestMalformed, "field lifetimeSeconds")) {
          let wish = ClassWish(class: "normal", lifetimeSeconds: lifetime)
          _ = try await client.setClass(of: .peer(.name("bob")), wish)
        }
      }
      for (method, target, status) in [
        ("POST", "/v1/class?to=fde8::2", 405), ("GET", "/v1/peers/bob/class", 405),
        ("PUT", "/v1/classes", 405), ("DELETE", "/v1/class", 400), ("PUT", "/v1/class", 400),
        ("PUT", "/v1/peers/bob/class", 400), ("PUT", "/v1/peers//class", 400),
      ] {
        let request = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        let answer = try #require(try await exchange(request, with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(method) \(target): \(answer)")
      }
    }
  }

  @Test("have field names that are frozen")
  func golden() throws {
    #expect(
      try ControlJSON.line(Samples.flowClass)
        == #"{"class":"background","local":"[fde8::1]:1","name":"bob","permID":"p","#
        + #""protocol":"tcp","remote":"[fde8::2]:2","secondsLeft":3}"#)
    #expect(
      try ControlJSON.line(ClassReport(permID: "p", name: "", class: "normal"))
        == #"{"class":"normal","name":"","permID":"p"}"#)
  }
}
