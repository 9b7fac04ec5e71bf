import IPv8Wire
import TestVectors
import Testing

/// UPnP Device Architecture 1.1, WANIPConnection:1 and :2.
@Suite("UPnP texts")
struct UPnPTextTests {
  private static let gateway = HTTPLocation(
    endpoint: Endpoint(.v4(IPv4Address(0x0a00_0001)), port: 5000), path: "/root/desc.xml")

  private static func lines(_ lines: String...) -> [UInt8] {
    Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
  }

  @Test("of a search are what gateways wait for, and their answers say where to ask")
  func search() {
    let target = SSDPMessage.targets[1]
    #expect(
      String(decoding: SSDPMessage.search(for: target), as: UTF8.self)
        == "M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n"
        + "MX: 2\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n")
    func answer(_ st: String, _ location: String, status: String = "200 OK") -> HTTPLocation? {
      SSDPMessage.location(
        Self.lines(
          "HTTP/1.1 \(status)", "CACHE-CONTROL: max-age=120", "St: \(st)", "EXT:",
          "LOCATION:  \(location) ", ""))
    }
    #expect(answer(target, "http://10.0.0.1:5000/root/desc.xml") == Self.gateway)
    #expect(answer(target, "http://10.0.0.1/d")?.endpoint.port == 80)
    #expect(answer(target, "http://10.0.0.1:5000")?.path == "/")
    #expect(answer("upnp:rootdevice", "http://10.0.0.1/d") == nil)
    #expect(answer(target, "http://router.local/d") == nil)
    #expect(answer(target, "https://10.0.0.1/d") == nil)
    #expect(answer(target, "http://10.0.0.1/a b") == nil)
    #expect(answer(target, "http://user@10.0.0.1/") == nil)
    #expect(answer(target, "http://10.0.0.1/d", status: "404 None") == nil)
    #expect(SSDPMessage.location(Self.lines("NOTIFY * HTTP/1.1", "")) == nil)
  }

  @Test("of responses end by length, by chunks, or with the connection")
  func http() {
    func body(_ bytes: [UInt8]) -> String? {
      HTTPResponse(bytes).map { String(decoding: $0.body, as: UTF8.self) }
    }
    #expect(body(Self.lines("HTTP/1.1 200 OK", "", "abc")) == "abc\r\n")
    #expect(body(Self.lines("HTTP/1.0 500 Internal", "Content-Length: 2", "", "abc")) == "ab")
    #expect(body(Self.lines("HTTP/1.1 200 OK", "Content-Length: 9", "", "abc")) == nil)
    #expect(body(Self.lines("HTTP/1.1 200 OK", "Content-Length: x", "", "abc")) == nil)
    let chunked = "Transfer-Encoding: chunked"
    #expect(
      body(Self.lines("HTTP/1.1 200 OK", chunked, "", "3;x=y", "abc", "A", "0123456789", "0", ""))
        == "abc0123456789")
    #expect(body(Self.lines("HTTP/1.1 200 OK", chunked, "", "3", "ab")) == nil)
    #expect(body(Self.lines("HTTP/1.1 200 OK", chunked, "", "zz", "ab")) == nil)
    #expect(body(Self.lines("HTTP/1.1 200 OK", chunked, "", "3", "abc")) == nil)
    #expect(body(Self.lines("HTTP/2 200 OK", "", "")) == nil)
    #expect(body(Self.lines("HTTP/1.1 20 OK", "", "")) == nil)
    #expect(body(Self.lines("HTTP/1.1 200 OK", "no colon", "", "")) == nil)
    #expect(body(Self.lines("HTTP/1.1 200 OK", "a: b")) == nil)
    #expect(body([UInt8](repeating: 0x41, count: 70_000)) == nil)
  }

  private static func description(_ services: (String, String)..., base: String? = nil) -> [UInt8] {
    let list = services.map {
      "<service><serviceType>urn:schemas-upnp-org:service:\($0.0)</serviceType>"
        + "<SCPDURL>/x.xml</SCPDURL><controlURL>\($0.1)</controlURL></service>"
    }.joined(separator: "\n")
    return Array(
      ("<?xml version=\"1.0\"?><!-- a > b --><root xmlns=\"urn:schemas-upnp-org:device-1-0\">"
        + (base.map { "<URLBase>\($0)</URLBase>" } ?? "")
        + "<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType>"
        + "<icon/><modelName>A &amp; B</modelName><deviceList><device><serviceList>\(list)"
        + "</serviceList></device></deviceList></device></root>").utf8)
  }

  private static func control(_ bytes: [UInt8]) -> String? {
    UPnPGateway(description: bytes, from: gateway).map {
      "\($0.control.endpoint)\($0.control.path)"
    }
  }

  @Test("of a description name the best service that maps ports")
  func descriptions() {
    #expect(
      Self.control(
        Self.description(
          ("WANCommonInterfaceConfig:1", "/c"), ("WANPPPConnection:1", "/p"),
          ("WANIPConnection:1", "/ctl?a=1&amp;b=2"))) == "10.0.0.1:5000/ctl?a=1&b=2")
    let both = Self.description(("WANIPConnection:1", "/one"), ("WANIPConnection:2", "/two"))
    #expect(Self.control(both) == "10.0.0.1:5000/two")
    #expect(UPnPGateway(description: both, from: Self.gateway)?.mapsAnyPort == true)
    #expect(Self.control(Self.description(("WANIPConnection:1", "c"))) == "10.0.0.1:5000/root/c")
    #expect(
      Self.control(Self.description(("WANIPConnection:1", "/c"), base: "http://10.0.0.1:49152"))
        == "10.0.0.1:49152/c")
    #expect(
      Self.control(Self.description(("WANIPConnection:1", "http://10.0.0.1:7/c")))
        == "10.0.0.1:7/c")
  }

  @Test("of a description that leads to another host, or is no description, are none")
  func foreign() {
    #expect(Self.control(Self.description(("WANIPConnection:1", "http://10.0.0.2/c"))) == nil)
    #expect(
      Self.control(Self.description(("WANIPConnection:1", "/c"), base: "http://9.9.9.9/")) == nil)
    #expect(Self.control(Self.description(("WANCommonInterfaceConfig:1", "/c"))) == nil)
    #expect(Self.control(Self.description(("WANIPConnection:1", "/a b"))) == nil)
    #expect(Self.control([]) == nil)
    #expect(Self.control(Array("<root><a></b></root>".utf8)) == nil)
    let deep = String(repeating: "<a>", count: 1_000)
    #expect(Self.control(Array(deep.utf8)) == nil)
    let whole = Self.description(("WANIPConnection:1", "/c"))
    for count in 0..<whole.count - 60 {
      let control = Self.control(Array(whole.prefix(count)))
      #expect(control == nil || control == "10.0.0.1:5000/c")
    }
  }

  @Test("of requests are what the service wants")
  func requests() throws {
    let service = try #require(
      UPnPGateway(description: Self.description(("WANIPConnection:1", "/c")), from: Self.gateway))
    let text = String(
      decoding: service.mapRequest(
        externalPort: 5, internalPort: 6, client: IPv4Address(0x0a00_0005), lifetime: 7200),
      as: UTF8.self)
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
    let (head, body) = (parts[0], parts[1])
    #expect(head.hasPrefix("POST /c HTTP/1.1\r\nHost: 10.0.0.1:5000\r\n"))
    #expect(head.contains("Content-Length: \(body.utf8.count)\r\n"))
    #expect(
      head.hasSuffix(
        "SOAPAction: \"urn:schemas-upnp-org:service:WANIPConnection:1#AddPortMapping\""))
    for field in [
      "<NewRemoteHost></NewRemoteHost>", "<NewExternalPort>5<", "<NewProtocol>UDP<",
      "<NewInternalPort>6<", "<NewInternalClient>10.0.0.5<", "<NewEnabled>1<",
      "<NewLeaseDuration>7200<",
    ] { #expect(body.contains(field)) }
    let removal = String(decoding: service.unmapRequest(externalPort: 5), as: UTF8.self)
    #expect(removal.contains("#DeletePortMapping\"") && removal.contains("<NewExternalPort>5<"))
  }

  @Test("of answers say what was done, or which error it was")
  func answers() {
    func answer(_ status: String, _ body: String) -> UPnPGateway.Answer? {
      UPnPGateway.answer(
        Array(
          ("HTTP/1.1 \(status)\r\n\r\n<s:Envelope xmlns:s=\"x\"><s:Body>\(body)</s:Body>"
            + "</s:Envelope>").utf8))
    }
    #expect(
      answer(
        "200 OK",
        "<u:GetExternalIPAddressResponse><NewExternalIPAddress>5.5.5.10</NewExternalIPAddress>"
          + "</u:GetExternalIPAddressResponse>")
        == .done(address: IPv4Address(0x0505_050a), port: nil))
    #expect(
      answer("200 OK", "<u:X><NewReservedPort> 4242 </NewReservedPort></u:X>")
        == .done(address: nil, port: 4242))
    #expect(answer("200 OK", "<u:AddPortMappingResponse/>") == .done(address: nil, port: nil))
    #expect(
      answer(
        "500 Internal Server Error",
        "<s:Fault><detail><UPnPError><errorCode>718</errorCode></UPnPError></detail></s:Fault>")
        == .refused(code: UPnPGateway.conflict))
    #expect(answer("401 No", "") == .refused(code: 401))
    #expect(UPnPGateway.answer(Array("HTTP/1.1 200 OK\r\n\r\nhello".utf8)) == .refused(code: 200))
    #expect(UPnPGateway.answer([]) == nil)
  }
}
