import IPv8Wire
import Testing

@testable import IPv8Control

@Suite struct PathRouteTests {
  private static func get(_ target: String, _ method: String = "GET") -> String {
    "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
  }

  @Test("a path is found by peer, by overlay address, by alias and by socket, and all are told")
  func lookUps() async throws {
    try await withServer { client, _, socket in
      #expect(try await client.paths() == [Samples.quality])
      #expect(try await client.path(.peer(.name("bob"))) == Samples.quality)
      let local = try #require(Endpoint(text: "[fde8::1]:1"))
      let remote = try #require(Endpoint(text: "[fde8::2]:2"))
      let known = LocalSocket(transport: .udp, local: local, remote: remote)
      #expect(try await client.path(.socket(known)) == Samples.quality)
      let stranger = LocalSocket(transport: .tcp, local: remote, remote: local)
      await #expect(throws: ControlError(.addressNotLocal, "fde8::2")) {
        try await client.path(.socket(stranger))
      }
      for target in [
        "/v1/path?to=fde8::2", "/v1/path?to=100.64.0.2", "/v1/path?to=::ffff:100.64.0.2",
        "/v1/path?to=fde8%3A%3A2", "/v1/peers/bob/path", "/v1/paths",
        "/v1/path?protocol=tcp&local=[fde8::1]:1&remote=[fde8::2]:2",
        "/v1/path?remote=100.64.0.2:2&local=[fde8::1]:1&protocol=udp",
      ] {
        let answer = try #require(try await exchange(Self.get(target), with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(target): \(answer)")
        #expect(answer.contains(#""smoothedMicroseconds":2"#), "\(target): \(answer)")
      }
    }
  }

  @Test("an observer reads paths and the version, and is refused all else")
  func observer() async throws {
    try await withServer(access: .observe) { client, backend, socket in
      for target in [
        "/v1/version", "/v1/paths", "/v1/peers/bob/path", "/v1/path?to=fde8::2",
      ] {
        let answer = try #require(try await exchange(Self.get(target), with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 200 "), "\(target): \(answer)")
      }
      for (method, target) in [
        ("GET", "/v1/status"), ("GET", "/v1/identity"), ("GET", "/v1/peers"),
        ("GET", "/v1/peers/bob/why"), ("POST", "/v1/down"), ("POST", "/v1/ping"),
        ("DELETE", "/v1/peers/bob"), ("PUT", "/v1/peers/bob"), ("POST", "/v1/netcheck"),
        ("GET", "/v1/classes"), ("PUT", "/v1/class?to=fde8::2"), ("DELETE", "/v1/peers/bob/class"),
        ("GET", "/v1/nothing"), ("GET", "/"),
      ] {
        let answer = try #require(try await exchange(Self.get(target, method), with: socket))
        #expect(answer.hasPrefix("HTTP/1.1 40"), "\(method) \(target): \(answer)")
        if target != "/" { #expect(answer.contains("permissionDenied"), "\(target)") }
      }
      for target in ["/v1/paths", "/v1/peers/bob/path"] {
        for method in ["POST", "PUT", "DELETE"] {
          let answer = try #require(try await exchange(Self.get(target, method), with: socket))
          #expect(answer.hasPrefix("HTTP/1.1 405 "), "\(method) \(target): \(answer)")
        }
      }
      #expect(!backend.isDown)
      await #expect(throws: ControlError(.permissionDenied, "/v1/down")) {
        try await client.down()
      }
    }
  }

  @Test("the field names of the quality of a path are frozen")
  func golden() throws {
    #expect(try ControlJSON.line(Samples.quality) == Self.line)
    let least = PathQualityReport(
      permID: "p", name: "", address6: "fde8::2", mtu: MTUReport(interfaceBytes: 1280))
    #expect(
      try ControlJSON.line(least)
        == #"{"address6":"fde8::2","fromPeer":\#(none),"mtu":{"interfaceBytes":1280},"name":"","#
        + #""otherWays":[],"path":{"kind":"none"},"permID":"p","state":"idle","toPeer":\#(none)}"#)
  }

  private let none = #"{"arrivedRecords":0,"bitsPerSecond":0,"bytes":0,"lostRecords":0}"#

  private static let line =
    #"{"address4":"100.64.0.2","address6":"fde8::2","fromPeer":"#
    + #"{"arrivedRecords":0,"bitsPerSecond":0,"bytes":0,"lostRecords":0},"#
    + #""lastHeardMicroseconds":7,"mtu":{"interfaceBytes":1280,"pathBytes":1400},"#
    + #""name":"bob","otherWays":[{"ageMicroseconds":18,"path":"#
    + #"{"endpoint":"192.0.2.2:41641","kind":"direct","rttMicroseconds":17}}],"#
    + #""path":{"endpoint":"192.0.2.1:41641","kind":"relayed","rttMicroseconds":3217,"#
    + #""via":"relay","viaName":"cleo"},"permID":"\#(Samples.bob)","#
    + #""queue":{"bytes":15,"delayMicroseconds":16,"packets":14},"#
    + #""rate":{"availableBitsPerSecond":13,"congestionWindowBytes":8,"#
    + #""deliveryBitsPerSecond":11,"inFlightBytes":10,"pacingBitsPerSecond":12,"#
    + #""slowStartThresholdBytes":9},"#
    + #""rtt":{"latestMicroseconds":4,"minimumMicroseconds":1,"smoothedMicroseconds":2,"#
    + #""variationMicroseconds":3},"state":"open","#
    + #""toPeer":{"arrivedRecords":3,"bitsPerSecond":6,"bytes":5,"lossRatio":0.25,"#
    + #""lostRecords":1,"recentLossRatio":0.5}}"#
}
