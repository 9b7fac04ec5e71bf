import IPv8Wire

/// A place where a peer may be reached, and how it is known.
public struct Candidate: Sendable, Hashable {
  /// In the order of preference.
  public enum Kind: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    /// An own address within the same site.
    case lan
    /// An own global address; over IPv6 there is rarely a NAT.
    case host
    /// A port that the gateway maps (PCP, NAT-PMP, UPnP).
    case portMapped
    /// Where others see it.
    case reflexive
    /// Where it will be, if its NAT goes on as before.
    case predicted

    public static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
  }

  public let endpoint: Endpoint
  public let kind: Kind
  /// The owner signed it in its binding: a whole call may go there, eight bytes to any other.
  public let isSigned: Bool

  public init(_ endpoint: Endpoint, _ kind: Kind, isSigned: Bool = false) {
    self.endpoint = endpoint
    self.kind = kind
    self.isSigned = isSigned
  }

  /// Candidates that one side may name.
  public static let limit = 16
}

/// What a host has to offer, and what it makes of the other's offer.
public struct CandidateSet: Sendable, Equatable {
  /// The best first, each endpoint once.
  public private(set) var candidates: [Candidate]

  public init(_ candidates: [Candidate]) {
    var seen: Set<Endpoint> = []
    self.candidates = Array(
      candidates.enumerated().filter {
        $0.element.endpoint.port != 0 && $0.element.endpoint.address.reach != .none
      }.sorted { a, b in
        (Self.rank(a.element), a.offset) < (Self.rank(b.element), b.offset)
      }.map(\.element).filter { seen.insert($0.endpoint).inserted }.prefix(Candidate.limit))
  }

  /// LAN, then IPv6, then what a gateway maps, then IPv4 as seen, then what is guessed.
  private static func rank(_ candidate: Candidate) -> UInt8 {
    let isIPv6 = candidate.endpoint.address.family == .v6
    return candidate.kind.rawValue * 2 + (isIPv6 || candidate.kind == .lan ? 0 : 1)
  }

  /// Our own, from what is known of our interfaces and networks.
  ///
  /// - Parameters:
  ///   - local: endpoints of our port on our own interfaces.
  ///   - signed: those that stand in our binding.
  public init(
    local: [Endpoint], mapping: PortMapping?, reports: [NetworkReport], signed: Set<Endpoint>
  ) {
    var all = local.filter { $0.address.reach != .link }.map { endpoint in
      Candidate(
        endpoint, endpoint.address.reach == .global ? .host : .lan,
        isSigned: signed.contains(endpoint))
    }
    if let mapping, mapping.isUseful {
      let isSigned = signed.contains(mapping.external)
      all.append(Candidate(mapping.external, .portMapped, isSigned: isSigned))
    }
    for external in reports.compactMap(\.external) {
      all.append(Candidate(external, .reflexive, isSigned: signed.contains(external)))
    }
    self.init(all)
  }

  /// Of the other side's candidates those worth a knock, the best first: of a family that we have,
  /// and within a site only where we seem to be in the same: one outer address, or one prefix
  /// (IPv4 /16, IPv6 /48).
  public func worthKnocking(from own: CandidateSet) -> [Candidate] {
    let families = Set(own.candidates.map(\.endpoint.address.family))
    let outer = Set(own.candidates.filter { $0.kind == .reflexive }.map(\.endpoint.address))
    let sharesOuter = candidates.contains {
      $0.kind == .reflexive && outer.contains($0.endpoint.address)
    }
    let sites = Set(own.candidates.filter { $0.kind == .lan }.map { Self.site($0.endpoint) })
    return candidates.filter { candidate in
      guard families.contains(candidate.endpoint.address.family) else { return false }
      guard candidate.endpoint.address.reach != .global else { return true }
      return !sites.isEmpty && (sharesOuter || sites.contains(Self.site(candidate.endpoint)))
    }
  }

  private static func site(_ endpoint: Endpoint) -> UInt128 {
    switch endpoint.address {
    case .v4(let address): UInt128(address.value >> 16)
    case .v6(let address): address.value >> 80 | 1 << 64
    }
  }
}
