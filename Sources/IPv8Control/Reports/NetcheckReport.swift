/// What is known of the network that this machine is in.
public struct NetcheckReport: Codable, Equatable, Sendable {
  /// One for each family that this machine has, IPv4 first.
  public var families: [FamilyReport]
  /// Endpoints of the port on this machine's own interfaces.
  public var local: [String]
  public var gateway4: String?
  public var gateway6: String?
  /// What tells this network from others, hexadecimal.
  public var network: String?
  public var portMapping: PortMappingReport
  public var lifetimes: LifetimeReport?
  /// Whether lifetimes are being measured now.
  public var measuringLifetimes: Bool
  /// How often an idle session in use sends.
  public var keepaliveMilliseconds: Int
  /// Whether the check was still under way when the time was over.
  public var unfinished: Bool

  public init(
    families: [FamilyReport], local: [String], gateway4: String? = nil, gateway6: String? = nil,
    network: String? = nil, portMapping: PortMappingReport, lifetimes: LifetimeReport? = nil,
    measuringLifetimes: Bool, keepaliveMilliseconds: Int, unfinished: Bool
  ) {
    self.families = families
    self.local = local
    self.gateway4 = gateway4
    self.gateway6 = gateway6
    self.network = network
    self.portMapping = portMapping
    self.lifetimes = lifetimes
    self.measuringLifetimes = measuringLifetimes
    self.keepaliveMilliseconds = keepaliveMilliseconds
    self.unfinished = unfinished
  }
}

/// What the network does to UDP of one family.
public struct FamilyReport: Codable, Equatable, Sendable {
  public enum Family: String, Codable, Sendable { case ipv4, ipv6 }

  /// The names of RFC 3489.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case open, firewall, fullCone, restrictedCone, portRestrictedCone, symmetric, blocked, unknown
  }

  public var family: Family
  public var kind: Kind
  /// This machine's own endpoint, and where others see it.
  public var local: String
  public var external: String?
  public var externalAddress: String?
  /// RFC 4787 §4.1 and §5: `endpointIndependent`, `addressDependent`, `addressAndPortDependent`,
  /// and of mappings `endpointDependent` where it is not known which of the latter.
  public var mapping: String?
  public var filtering: String?
  public var hairpin: Bool?
  /// How ports are allocated: `preserving`, `sequential` or `unpredictable`.
  public var ports: String?
  /// From one sequential port to the next.
  public var portStep: Int?
  public var reportersAsked: Int
  public var reportersAnswered: Int
  /// Reporters that say something else than most.
  public var dissenting: [String]
  /// Why the fields that are left out are not known, by their names.
  public var unknown: [String: String]

  public init(
    family: Family, kind: Kind, local: String, external: String? = nil,
    externalAddress: String? = nil, mapping: String? = nil, filtering: String? = nil,
    hairpin: Bool? = nil, ports: String? = nil, portStep: Int? = nil, reportersAsked: Int,
    reportersAnswered: Int, dissenting: [String] = [], unknown: [String: String] = [:]
  ) {
    self.family = family
    self.kind = kind
    self.local = local
    self.external = external
    self.externalAddress = externalAddress
    self.mapping = mapping
    self.filtering = filtering
    self.hairpin = hairpin
    self.ports = ports
    self.portStep = portStep
    self.reportersAsked = reportersAsked
    self.reportersAnswered = reportersAnswered
    self.dissenting = dissenting
    self.unknown = unknown
  }
}

/// Whether a port of the gateway leads here.
public struct PortMappingReport: Codable, Equatable, Sendable {
  public enum State: String, Codable, Sendable, CaseIterable {
    case off, notNeeded, searching, mapped, unavailable
  }

  public var state: State
  /// `pcp`, `natPMP` or `upnp`.
  public var madeBy: String?
  public var external: String?
  /// False where the gateway itself is behind another NAT.
  public var reachable: Bool?

  public init(
    state: State, madeBy: String? = nil, external: String? = nil, reachable: Bool? = nil
  ) {
    self.state = state
    self.madeBy = madeBy
    self.external = external
    self.reachable = reachable
  }
}

/// How long the NAT keeps mappings: idle for so long they lived, and for `Dead` they did not.
public struct LifetimeReport: Codable, Equatable, Sendable {
  /// After one packet.
  public var unrepliedSeconds: Int?
  public var unrepliedDeadSeconds: Int?
  /// After packets in both directions.
  public var establishedSeconds: Int?
  public var establishedDeadSeconds: Int?
  /// However busy they are.
  public var absoluteSeconds: Int?

  public init(
    unrepliedSeconds: Int? = nil, unrepliedDeadSeconds: Int? = nil, establishedSeconds: Int? = nil,
    establishedDeadSeconds: Int? = nil, absoluteSeconds: Int? = nil
  ) {
    self.unrepliedSeconds = unrepliedSeconds
    self.unrepliedDeadSeconds = unrepliedDeadSeconds
    self.establishedSeconds = establishedSeconds
    self.establishedDeadSeconds = establishedDeadSeconds
    self.absoluteSeconds = absoluteSeconds
  }
}
