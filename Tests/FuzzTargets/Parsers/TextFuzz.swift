import IPv8Control
import IPv8Wire

enum TextFuzz {
  static func text(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    if let host = HostPort(text: text) {
      precondition(HostPort(text: host.description) == host, "a host is read as written")
    }
    if let endpoint = Endpoint(text: text) {
      precondition(Endpoint(text: endpoint.description) == endpoint, "read as written")
    }
    if let address = IPAddress(text: text) {
      precondition(IPAddress(text: address.description) == address, "read as written")
    }
    if let prefix = IPv4Prefix(text: text) {
      precondition(prefix.description == text, "a prefix has one text")
    }
    if let prefix = NAT64Prefix(text: text) {
      precondition(NAT64Prefix(text: prefix.description) == prefix, "read as written")
    }
    if let permID = PermID(text: text) {
      precondition(permID.description == text, "a PermID has one text")
    }
    if let selector = PeerSelector(text: text) {
      precondition(PeerSelector(text: selector.description) == selector, "read as written")
    }
    if let decoded = Base32.decode(text) {
      precondition(Base32.encode(decoded) == text, "base32 has one text")
    }
  }
}
