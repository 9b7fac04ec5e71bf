import IPv8Wire

enum PortMappingFuzz {
  /// Datagrams of PCP and NAT-PMP.
  static func portControl(_ bytes: [UInt8]) {
    if case .mapped(let mapping)? = PCPMessage.response(bytes.rawSpan) {
      precondition(mapping.nonce.count == PCPMessage.nonceByteCount, "a nonce is whole")
      precondition(bytes.count >= 60, "a mapping takes 60 bytes")
      precondition(
        IPAddress(mapped: mapping.external.address.mapped) == mapping.external.address,
        "an address has one form")
    }
    let isNATPMP = NATPMPMessage.response(bytes.rawSpan) != nil
    precondition(
      !isNATPMP || PCPMessage.response(bytes.rawSpan) == nil, "no bytes are of both protocols")
  }

  /// Texts of UPnP: answers to searches, descriptions, answers to requests.
  static func upnp(_ bytes: [UInt8]) {
    if let location = SSDPMessage.location(bytes) {
      precondition(location.path.hasPrefix("/"), "a path is absolute")
      precondition(
        HTTPLocation(text: "http://\(location.endpoint)\(location.path)") == location,
        "a location is read as written")
    }
    if let response = HTTPResponse(bytes) {
      precondition((100...599).contains(response.status), "a status has three digits")
      precondition(response.body.count <= bytes.count, "a body comes out of the bytes")
    }
    let location = HTTPLocation(
      endpoint: Endpoint(.v4(IPv4Address(0x0a00_0001)), port: 80), path: "/a/b.xml")
    if let gateway = UPnPGateway(description: bytes, from: location) {
      precondition(
        gateway.control.endpoint.address == location.endpoint.address,
        "requests go to where the description came from")
    }
    if case .refused(let code)? = UPnPGateway.answer(bytes) {
      precondition((0...99_999).contains(code), "a code has at most five digits")
    }
  }
}
