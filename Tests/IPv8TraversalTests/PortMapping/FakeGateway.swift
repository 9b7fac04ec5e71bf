import IPv8Traversal
import IPv8Wire
import TestVectors

/// A home router as the port mapping client sees it.
struct FakeGateway {
  static let address = IPv4Address(0xc0a8_0101)
  static let outer = IPv4Address(0x0505_0505)

  var speaks: Set<PortMappingProtocol>
  /// Answers PCP with "unsupported version", as NAT-PMP servers do.
  var refusesPCP = false
  var leaseLifetime: UInt32 = 3_600
  var epochStart = Timestamp(nanoseconds: 0)
  /// Whether UPnP is of the second version, and what it refuses.
  var isIGD2 = true
  var takenPorts: Set<UInt16> = []
  var onlyPermanent = false
  /// Where SSDP says that the description is.
  var location = "http://192.168.1.1:5000/d.xml"
  /// Outer ports to inner ones.
  private(set) var mappings: [UInt16: UInt16] = [:]
  private(set) var requestCounts: [PortMappingProtocol: Int] = [:]

  init(_ speaks: Set<PortMappingProtocol>) { self.speaks = speaks }

  mutating func restart(at now: Timestamp) {
    mappings = [:]
    epochStart = now
  }

  private func epoch(_ now: Timestamp) -> UInt32 {
    UInt32((now - epochStart).milliseconds / 1_000)
  }

  /// The answers to a datagram, each with its source.
  mutating func answers(
    _ bytes: [UInt8], to destination: Endpoint, at now: Timestamp
  ) -> [(bytes: [UInt8], source: Endpoint)] {
    let control = Endpoint(.v4(Self.address), port: 5351)
    if destination == SSDPMessage.group {
      guard speaks.contains(.upnp), String(decoding: bytes, as: UTF8.self).contains("Device:1")
      else { return [] }
      requestCounts[.upnp, default: 0] += 1
      let text =
        "HTTP/1.1 200 OK\r\nST: \(SSDPMessage.targets[1])\r\nLOCATION: \(location)\r\n\r\n"
      return [(Array(text.utf8), Endpoint(.v4(Self.address), port: 1900))]
    }
    guard destination == control else { return [] }
    let kind: PortMappingProtocol = bytes.first == 2 ? .pcp : .natPMP
    requestCounts[kind, default: 0] += 1
    if kind == .pcp { return pcp(bytes, at: now).map { [($0, control)] } ?? [] }
    guard speaks.contains(.natPMP) else { return [] }
    return [(natPMP(bytes, at: now), control)]
  }

  private mutating func pcp(_ request: [UInt8], at now: Timestamp) -> [UInt8]? {
    if refusesPCP {
      var answer: [UInt8] = [0, 0x81, 0, 1]
      answer.append(bigEndian: epoch(now))
      return answer
    }
    guard speaks.contains(.pcp), request.count == 60 else { return nil }
    let span = request.rawSpan
    let inner = span.bigEndian(UInt16.self, at: 40)
    let lifetime = span.bigEndian(UInt32.self, at: 4)
    var outer = span.bigEndian(UInt16.self, at: 42)
    if lifetime == 0 {
      mappings = mappings.filter { $0.value != inner }
    } else {
      if outer == 0 || takenPorts.contains(outer) { outer = 40_000 }
      mappings[outer] = inner
    }
    var answer: [UInt8] = [2, 0x81, 0, 0]
    answer.append(bigEndian: min(lifetime, leaseLifetime))
    answer.append(bigEndian: epoch(now))
    answer += [UInt8](repeating: 0, count: 12) + request[24..<40]
    answer.append(bigEndian: inner)
    answer.append(bigEndian: outer)
    answer.append(bigEndian: IPAddress.v4(Self.outer).mapped)
    return answer
  }

  private mutating func natPMP(_ request: [UInt8], at now: Timestamp) -> [UInt8] {
    var answer: [UInt8] = [0, 0x80 | request[1], 0, 0]
    answer.append(bigEndian: epoch(now))
    guard request[1] == 1 else {
      answer.append(bigEndian: Self.outer.value)
      return answer
    }
    let span = request.rawSpan
    let inner = span.bigEndian(UInt16.self, at: 4)
    let lifetime = span.bigEndian(UInt32.self, at: 8)
    let outer = span.bigEndian(UInt16.self, at: 6)
    if lifetime == 0 {
      mappings = mappings.filter { $0.value != inner }
    } else {
      mappings[outer] = inner
    }
    answer.append(bigEndian: inner)
    answer.append(bigEndian: outer)
    answer.append(bigEndian: min(lifetime, leaseLifetime))
    return answer
  }

  /// The response to an exchange over TCP.
  mutating func response(_ request: [UInt8], with endpoint: Endpoint) -> [UInt8]? {
    guard speaks.contains(.upnp), endpoint.address == .v4(Self.address) else { return nil }
    requestCounts[.upnp, default: 0] += 1
    let text = String(decoding: request, as: UTF8.self)
    func field(_ name: String) -> UInt16 {
      let parts = text.split(separator: "<\(name)>")
      return parts.count > 1 ? UInt16(parts[1].prefix { $0.isNumber }) ?? 0 : 0
    }
    if text.hasPrefix("GET ") {
      let type = "urn:schemas-upnp-org:service:WANIPConnection:\(isIGD2 ? 2 : 1)"
      return reply(
        "<root><service><serviceType>\(type)</serviceType><controlURL>/c</controlURL></service>"
          + "</root>")
    }
    if text.contains("#GetExternalIPAddress") {
      return reply(
        "<s:Envelope><NewExternalIPAddress>\(Self.outer)</NewExternalIPAddress></s:Envelope>")
    }
    if text.contains("#DeletePortMapping") {
      mappings[field("NewExternalPort")] = nil
      return reply("<s:Envelope></s:Envelope>")
    }
    if onlyPermanent, !text.contains("<NewLeaseDuration>0<") { return refusal(725) }
    var outer = field("NewExternalPort")
    if takenPorts.contains(outer) {
      guard isIGD2 else { return refusal(718) }
      outer = 40_001
    }
    mappings[outer] = field("NewInternalPort")
    return reply(
      "<s:Envelope>\(isIGD2 ? "<NewReservedPort>\(outer)</NewReservedPort>" : "")</s:Envelope>")
  }

  private func reply(_ body: String) -> [UInt8] {
    Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
  }

  private func refusal(_ code: Int) -> [UInt8] {
    Array(
      "HTTP/1.1 500 Error\r\n\r\n<s:Envelope><errorCode>\(code)</errorCode></s:Envelope>".utf8)
  }
}
