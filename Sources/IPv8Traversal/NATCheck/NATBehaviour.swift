import IPv8Wire

/// What a NAT's mapping of an inner endpoint depends on beside that endpoint (RFC 4787 §4.1).
public enum MappingBehaviour: String, Sendable, Hashable, CaseIterable {
  case endpointIndependent
  case addressDependent
  case addressAndPortDependent
  /// One of the two before; no reporter has two ports to tell them apart.
  case endpointDependent

  /// Whether each peer sees us at an endpoint of its own.
  public var isDependent: Bool { self != .endpointIndependent }
}

/// Whose packets a NAT lets in to a mapping (RFC 4787 §5).
public enum FilteringBehaviour: String, Sendable, Hashable, CaseIterable {
  case endpointIndependent
  case addressDependent
  case addressAndPortDependent
}

/// How a NAT chooses the port of a new mapping (RFC 4787 §4.2).
public enum PortAllocation: Sendable, Hashable {
  /// The inner port.
  case preserving
  /// The last one plus so many.
  case sequential(step: Int)
  /// No pattern that helps.
  case unpredictable
}

/// The names of RFC 3489 §5, which people know; they mislead where a NAT is neither.
public enum NATKind: String, Sendable, Hashable, CaseIterable {
  case open
  case firewall
  case fullCone
  case restrictedCone
  case portRestrictedCone
  case symmetric
  /// Nobody answers over UDP.
  case blocked
  case unknown

  public init(
    isTranslated: Bool, mapping: MappingBehaviour?, filtering: FilteringBehaviour?
  ) {
    switch (isTranslated, mapping, filtering) {
    case (false, _, .endpointIndependent): self = .open
    case (false, _, .some): self = .firewall
    case (true, .some(let mapping), _) where mapping.isDependent: self = .symmetric
    case (true, .endpointIndependent, .endpointIndependent): self = .fullCone
    case (true, .endpointIndependent, .addressDependent): self = .restrictedCone
    case (true, .endpointIndependent, .addressAndPortDependent): self = .portRestrictedCone
    default: self = .unknown
    }
  }
}
