/// An underlay UDP address: where datagrams are sent to or came from.
public struct Endpoint: Hashable, Sendable {
  public let address: IPAddress
  public let port: UInt16
  /// The interface index that an IPv6 link-local address belongs to (RFC 4007); otherwise 0.
  public let scope: UInt32

  @inlinable
  public init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
    self.address = address
    self.port = port
    self.scope = scope
  }
}

extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:41641` or `[2001:db8::1]:41641`, a scope as `%INDEX` behind the address.
  public var description: String {
    switch address {
    case .v4(let address): "\(address):\(port)"
    case .v6(let address): scope == 0 ? "[\(address)]:\(port)" : "[\(address)%\(scope)]:\(port)"
    }
  }

  /// A literal as ``description`` prints it, without a scope; nil for anything else, port 0 too.
  public init?(text: some StringProtocol) {
    guard let host = HostPort(text: text), let address = IPAddress(text: host.host) else {
      return nil
    }
    self.init(address, port: host.port)
  }
}

/// `HOST:PORT` as a user writes it: a name, an IPv4 literal, or an IPv6 literal in brackets.
public struct HostPort: Hashable, Sendable {
  public let host: String
  public let port: UInt16

  /// Nil unless the host is a literal or a plausible DNS name (RFC 1123) and the port 1...65535.
  public init?(text: some StringProtocol) {
    guard let colon = text.lastIndex(of: ":"),
      let port = decimal(text[text.index(after: colon)...], atMost: 65_535), port > 0
    else { return nil }
    let host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      let literal = host.dropFirst().dropLast()
      guard IPv6Address(text: literal) != nil else { return nil }
      self.host = String(literal)
    } else {
      guard Self.isHostName(host) else { return nil }
      self.host = String(host)
    }
    self.port = UInt16(port)
  }

  private static func isHostName(_ text: some StringProtocol) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    let numeric = labels.last?.utf8.allSatisfy { (0x30...0x39).contains($0) } ?? false
    if numeric { return IPv4Address(text: text) != nil }
    return labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == 0x2d
        }
    }
  }
}

extension HostPort: CustomStringConvertible {
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
