import IPv8Wire

/// What this host's own interfaces and routes say of the network that it is in.
public struct LocalNetwork: Sendable, Equatable {
  /// Endpoints of our port on all interfaces, in the order of preference.
  public var endpoints: [Endpoint]
  /// Those of them that packets leave with, by the default routes.
  public var endpoint4: Endpoint?
  public var endpoint6: Endpoint?
  /// The router that packets to the internet go to.
  public var gateway4: IPv4Address?
  public var gateway6: IPv6Address?
  /// By which IPv4 hosts are reached from a network without IPv4.
  public private(set) var nat64: NAT64Prefix?

  public init(
    endpoints: [Endpoint] = [], endpoint4: Endpoint? = nil, endpoint6: Endpoint? = nil,
    gateway4: IPv4Address? = nil, gateway6: IPv6Address? = nil
  ) {
    self.endpoints = endpoints
    self.endpoint4 = endpoint4
    self.endpoint6 = endpoint6
    self.gateway4 = gateway4
    self.gateway6 = gateway6
  }

  /// A host's own address of IPv4 where it has none, and a translator gives it one (RFC 7335).
  static let serviceContinuity = IPv4Address(0xc000_0001)

  /// The network is without IPv4, and a NAT64 leads there: for IPv4, one more NAT.
  ///
  /// - Parameter port: ours.
  public mutating func translate(by prefix: NAT64Prefix, port: UInt16) {
    nat64 = prefix
    endpoint4 = Endpoint(.v4(Self.serviceContinuity), port: port)
  }

  func endpoint(_ family: AddressFamily) -> Endpoint? {
    family == .v4 ? endpoint4 : endpoint6
  }

  /// Whether what was found out about `family` in `other` holds here, too.
  func isSame(as other: LocalNetwork, _ family: AddressFamily) -> Bool {
    endpoint(family) == other.endpoint(family)
      && (family == .v4
        ? gateway4 == other.gateway4 && nat64 == other.nat64 : gateway6 == other.gateway6)
  }
}
