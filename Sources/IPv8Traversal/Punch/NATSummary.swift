import IPv8Wire

/// What a peer needs to know of our NAT, in one byte of the signed binding and of an introduction
/// (protocol §6.1).
///
///     bits 0–1 mapping, 2–3 filtering: 0 unknown, 1 endpoint-independent, 2 address-dependent,
///     3 address-and-port-dependent; bit 4 hairpin, bit 5 a port is mapped, bit 6 no ports are to be
///     guessed, bit 7 zero
public struct NATSummary: Sendable, Equatable {
  public var mapping: MappingBehaviour?
  public var filtering: FilteringBehaviour?
  public var hairpin: Bool
  public var isPortMapped: Bool
  /// The user wants none of the methods that guess ports: they cost many packets.
  public var refusesGuessing: Bool

  public init(
    mapping: MappingBehaviour? = nil, filtering: FilteringBehaviour? = nil, hairpin: Bool = false,
    isPortMapped: Bool = false, refusesGuessing: Bool = false
  ) {
    self.mapping = mapping
    self.filtering = filtering
    self.hairpin = hairpin
    self.isPortMapped = isPortMapped
    self.refusesGuessing = refusesGuessing
  }

  public init(_ report: NetworkReport, isPortMapped: Bool) {
    self.init(
      mapping: report.mapping, filtering: report.filtering, hairpin: report.hairpin == true,
      isPortMapped: isPortMapped)
  }

  private static let mappings: [MappingBehaviour?] = [
    nil, .endpointIndependent, .addressDependent, .addressAndPortDependent,
  ]
  private static let filterings: [FilteringBehaviour?] = [
    nil, .endpointIndependent, .addressDependent, .addressAndPortDependent,
  ]

  /// Bits that are not known are skipped, for peers of later versions.
  public init(byte: UInt8) {
    mapping = Self.mappings[Int(byte & 3)]
    filtering = Self.filterings[Int(byte >> 2 & 3)]
    hairpin = byte >> 4 & 1 == 1
    isPortMapped = byte >> 5 & 1 == 1
    refusesGuessing = byte >> 6 & 1 == 1
  }

  public var byte: UInt8 {
    // Whoever cannot be told apart is taken for the harder kind.
    let known = mapping == .endpointDependent ? .addressAndPortDependent : mapping
    let mappingBits = UInt8(Self.mappings.firstIndex(of: known) ?? 0)
    let filteringBits = UInt8(Self.filterings.firstIndex(of: filtering) ?? 0)
    return mappingBits | filteringBits << 2 | (hairpin ? 16 : 0) | (isPortMapped ? 32 : 0)
      | (refusesGuessing ? 64 : 0)
  }

  public var isUnknown: Bool { mapping == nil && filtering == nil && !hairpin && !isPortMapped }

  /// Whether each peer sees us at an endpoint that only it knows.
  public var isHard: Bool { !isPortMapped && mapping?.isDependent == true }

  /// Whether packets come in only from endpoints that we sent to.
  var isStrict: Bool {
    !isPortMapped && (filtering == .addressAndPortDependent || filtering == nil)
  }
}

/// How two peers get through to each other.
public enum PunchMethod: Sendable, Equatable {
  /// Both knock at the endpoints that the other was seen at.
  case simultaneousOpen
  /// One side's next ports are guessed.
  case prediction
  /// One side opens many sockets, the other tries many ports.
  case birthday
  /// Both are hard: only a relay helps.
  case relay

  /// What may work, in the order to try it, between two NATs.
  ///
  /// Simultaneous open fails only between a side whose endpoint depends on the peer and a side that
  /// lets in nobody but whom it sent to, or two of the former. Ports are guessed where both sides want
  /// that.
  public static func methods(
    _ a: NATSummary, _ b: NATSummary, sequential: Bool
  ) -> [PunchMethod] {
    let guesses = !a.refusesGuessing && !b.refusesGuessing
    return switch (a.isHard, b.isHard) {
    case (false, false): [.simultaneousOpen]
    case (true, false) where !b.isStrict: [.simultaneousOpen]
    case (false, true) where !a.isStrict: [.simultaneousOpen]
    case _ where !guesses: [.relay]
    case (true, true): sequential ? [.prediction, .relay] : [.relay]
    default: sequential ? [.prediction, .birthday, .relay] : [.birthday, .relay]
    }
  }
}
