/// A gateway's service that maps ports (WANIPConnection:1 and :2, WANPPPConnection:1): where to
/// ask, the requests, and their answers.
public struct UPnPGateway: Sendable, Equatable {
  /// Services that map ports, the best first.
  static let serviceTypes = [
    "urn:schemas-upnp-org:service:WANIPConnection:2",
    "urn:schemas-upnp-org:service:WANIPConnection:1",
    "urn:schemas-upnp-org:service:WANPPPConnection:1",
  ]

  public let control: HTTPLocation
  public let serviceType: String

  public init(control: HTTPLocation, serviceType: String) {
    self.control = control
    self.serviceType = serviceType
  }

  /// Whether it chooses another port where the wanted one is taken (IGD:2).
  public var mapsAnyPort: Bool { serviceType == Self.serviceTypes[0] }

  /// The best service that a device description names; nil for none, or where its control URL
  /// leads to another host.
  ///
  /// - Parameter location: where the description came from.
  public init?(description body: [UInt8], from location: HTTPLocation) {
    var reader = MarkupReader(body)
    var path: [String] = []
    var base = location
    var type: String?
    var url: String?
    var found: (rank: Int, control: HTTPLocation)?
    while let event = reader.next() {
      switch event {
      case .start(let name):
        // Deeper than any device's description.
        guard path.count < 32 else { return nil }
        path.append(name)
        if name == "service" { (type, url) = (nil, nil) }
      case .text(let text):
        switch path.last {
        case "URLBase": base = HTTPLocation(text: text) ?? base
        case "serviceType": type = text
        case "controlURL": url = text
        default: break
        }
      case .end(let name):
        guard path.popLast() == name else { return nil }
        guard name == "service", let type, let url,
          let rank = Self.serviceTypes.firstIndex(of: type),
          rank < found?.rank ?? .max, let control = base.resolving(url),
          control.endpoint.address == location.endpoint.address
        else { continue }
        found = (rank, control)
      }
    }
    guard let found else { return nil }
    control = found.control
    serviceType = Self.serviceTypes[found.rank]
  }

  // MARK: Requests

  public var externalAddressRequest: [UInt8] { request("GetExternalIPAddress", []) }

  /// Maps `externalPort` to ours, or another one where the gateway ``mapsAnyPort``.
  ///
  /// - Parameter lifetime: seconds; 0 for ever.
  public func mapRequest(
    externalPort: UInt16, internalPort: UInt16, client: IPv4Address, lifetime: UInt32
  ) -> [UInt8] {
    request(
      mapsAnyPort ? "AddAnyPortMapping" : "AddPortMapping",
      [
        ("NewRemoteHost", ""), ("NewExternalPort", "\(externalPort)"), ("NewProtocol", "UDP"),
        ("NewInternalPort", "\(internalPort)"), ("NewInternalClient", "\(client)"),
        ("NewEnabled", "1"), ("NewPortMappingDescription", "ipv8-tun"),
        ("NewLeaseDuration", "\(lifetime)"),
      ])
  }

  public func unmapRequest(externalPort: UInt16) -> [UInt8] {
    request(
      "DeletePortMapping",
      [
        ("NewRemoteHost", ""), ("NewExternalPort", "\(externalPort)"), ("NewProtocol", "UDP"),
      ])
  }

  private func request(_ action: String, _ arguments: [(String, String)]) -> [UInt8] {
    let fields = arguments.map { "<\($0.0)>\($0.1)</\($0.0)>" }.joined()
    let body =
      "<?xml version=\"1.0\"?>\r\n"
      + "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
      + "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>"
      + "<u:\(action) xmlns:u=\"\(serviceType)\">\(fields)</u:\(action)></s:Body></s:Envelope>\r\n"
    let head =
      "POST \(control.path) HTTP/1.1\r\nHost: \(control.endpoint)\r\nConnection: close\r\n"
      + "Content-Type: text/xml; charset=\"utf-8\"\r\nContent-Length: \(body.utf8.count)\r\n"
      + "SOAPAction: \"\(serviceType)#\(action)\"\r\n\r\n"
    return Array((head + body).utf8)
  }

  // MARK: Answers

  /// What a request came to.
  public enum Answer: Sendable, Equatable {
    /// With what of the answer's values we know.
    case done(address: IPv4Address?, port: UInt16?)
    /// The gateway's error code (UPnP WANIPConnection §2.4).
    case refused(code: Int)
  }

  /// The wanted outer port is taken.
  public static let conflict = 718
  /// Leases must be for ever.
  public static let onlyPermanent = 725

  /// The answer in a whole HTTP response; nil where it is none.
  public static func answer(_ bytes: [UInt8]) -> Answer? {
    guard let response = HTTPResponse(bytes) else { return nil }
    var reader = MarkupReader(response.body)
    var element: String?
    var address: IPv4Address?
    var port: UInt16?
    var code: Int?
    var isEnvelope = false
    while let event = reader.next() {
      switch event {
      case .start(let name):
        element = name
        isEnvelope = isEnvelope || name == "Envelope"
      case .end: element = nil
      case .text(let text):
        switch element {
        case "NewExternalIPAddress": address = IPv4Address(text: text)
        case "NewReservedPort": port = decimal(text, atMost: 65_535).map { UInt16($0) }
        case "errorCode": code = decimal(text, atMost: 99_999)
        default: break
        }
      }
    }
    if response.status == 200, isEnvelope { return .done(address: address, port: port) }
    return .refused(code: code ?? response.status)
  }
}
