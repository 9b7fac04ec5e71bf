import IPv8Wire

/// What a network does to UDP of one family, as far as it is known; nil stands for not known.
public struct NetworkReport: Sendable, Equatable {
  public var family: AddressFamily
  /// Our endpoint on our own interface.
  public var local: Endpoint
  /// Our endpoint as most unrelated reporters see it; for a dependent mapping, nil.
  public var external: Endpoint?
  /// Our address as most of them see it.
  public var externalAddress: IPAddress?
  public var mapping: MappingBehaviour?
  public var filtering: FilteringBehaviour?
  /// Whether hosts behind the NAT reach each other by its outer address.
  public var hairpin: Bool?
  public var allocation: PortAllocation?
  /// Outer ports of the newest mappings, the newest last: what prediction starts from.
  public var recentPorts: [UInt16] = []
  /// Reporters that were asked or told us unasked, and that answered.
  public var reportersAsked = 0
  public var reportersAnswered = 0
  /// Reporters whose word is against the majority: mistaken, lying, or on another path.
  public var dissenting: [Endpoint] = []

  public init(family: AddressFamily, local: Endpoint) {
    self.family = family
    self.local = local
  }

  /// Whether what leaves us arrives with another source.
  public var isTranslated: Bool? {
    guard let externalAddress else { return nil }
    if let external {
      return external.address != local.address || external.port != local.port
    }
    return mapping?.isDependent == true || externalAddress != local.address
  }

  /// Several NATs in a row, as far as the addresses betray it: our router's outer address is a
  /// provider's own (RFC 6598).
  public func isBehindCarrier(router: IPAddress) -> Bool {
    router.reach == .provider
      || (router.reach == .global && externalAddress.map { $0 != router } == true)
  }

  public var kind: NATKind {
    if reportersAsked > 0, reportersAnswered == 0 { return .blocked }
    guard let isTranslated else { return .unknown }
    return NATKind(isTranslated: isTranslated, mapping: mapping, filtering: filtering)
  }
}
