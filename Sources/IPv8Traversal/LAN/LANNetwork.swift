import IPv8Wire

/// A network that an interface of ours lies in, and how everybody there is spoken to at once.
public enum LANNetwork: Hashable, Sendable {
  /// By broadcast, which switches pass on that drop multicast of which nobody told them.
  case v4(IPv4Prefix)
  /// By link-local multicast on this interface.
  case v6(scope: UInt32)

  /// Nil where there is nobody else: /31 and /32 have no broadcast address.
  public init?(_ address: IPv4Address, prefixLength: Int) {
    guard (0...30).contains(prefixLength) else { return nil }
    self = .v4(IPv4Prefix(containing: address, length: prefixLength))
  }

  /// Where an announcement goes.
  var everybody: Endpoint {
    switch self {
    case .v4(let prefix):
      let host = UInt32.max >> UInt32(prefix.length)
      return Endpoint(.v4(IPv4Address(prefix.address.value | host)), port: LANDiscovery.port)
    case .v6(let scope):
      return Endpoint(.v6(LANDiscovery.group), port: LANDiscovery.port, scope: scope)
    }
  }

  /// Whether a datagram from `source` comes from here: no router passes these sources on, or they
  /// are addresses of the network itself (RFC 6762 §11).
  func contains(_ source: Endpoint) -> Bool {
    switch (self, source.address) {
    case (.v4(let prefix), .v4(let address)): prefix.contains(address)
    case (.v6(let scope), .v6): source.scope == scope && source.address.reach == .link
    default: false
    }
  }
}
