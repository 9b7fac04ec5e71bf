import IPv8Wire

/// What is known of the network that this host is in, and of how others reach it there.
public struct NetworkView: Sendable, Equatable {
  public enum PortMappingState: String, Sendable, CaseIterable {
    /// Switched off by the user.
    case off
    /// Our own address is global, or there is no gateway that could map.
    case notNeeded
    case searching
    /// A port of the gateway leads to ours.
    case mapped
    /// The gateway speaks none of the protocols, or refuses.
    case unavailable
  }

  /// Where no NAT and no filter forgets us, a session is looked after so often.
  static let openKeepalive = Interval.seconds(120)

  /// Of our port on our own interfaces.
  public var local: LocalNetwork
  /// What tells this network from others; nil while it is not known.
  public var identity: NetworkIdentity?
  /// One for each family that we have, IPv4 first.
  public var reports: [NetworkReport]
  public var portMapping: PortMappingState
  /// What the gateway maps, whether the world can reach it or not.
  public var mapping: PortMapping?
  /// Nil while nothing was measured here.
  public var lifetimes: MeasuredLifetimes?
  /// A check is under way.
  public var isChecking: Bool
  /// Lifetimes are being measured, which takes minutes.
  public var isMeasuring: Bool

  public init(
    local: LocalNetwork = LocalNetwork(), identity: NetworkIdentity? = nil,
    reports: [NetworkReport] = [], portMapping: PortMappingState = .notNeeded,
    mapping: PortMapping? = nil, lifetimes: MeasuredLifetimes? = nil, isChecking: Bool = false,
    isMeasuring: Bool = false
  ) {
    self.local = local
    self.identity = identity
    self.reports = reports
    self.portMapping = portMapping
    self.mapping = mapping
    self.lifetimes = lifetimes
    self.isChecking = isChecking
    self.isMeasuring = isMeasuring
  }

  public func report(_ family: AddressFamily) -> NetworkReport? {
    reports.first { $0.family == family }
  }

  /// The port of the gateway that leads to ours from anywhere.
  public var mapped: Endpoint? { mapping.flatMap { $0.isUseful ? $0.external : nil } }

  /// Where the world finds us in `family`, beside our own interfaces: a mapped port, else where
  /// others see us, if all see us there.
  public func outer(_ family: AddressFamily) -> Endpoint? {
    if let mapped, mapped.address.family == family { return mapped }
    return report(family)?.external
  }

  /// What peers need to know of our NAT: IPv4's, where we have both.
  public var summary: NATSummary {
    guard let report = reports.first(where: { $0.mapping != nil }) ?? reports.first else {
      return NATSummary(isPortMapped: mapped != nil)
    }
    return NATSummary(report, isPortMapped: mapped != nil)
  }

  /// How often an idle session must send so that this network lets answers in.
  public var keepaliveInterval: Interval {
    let isOpen = !reports.isEmpty && reports.allSatisfy { $0.kind == .open }
    return isOpen
      ? Self.openKeepalive
      : lifetimes?.keepaliveInterval ?? MeasuredLifetimes.defaultKeepalive
  }

  /// Where we may be reached, the best first.
  ///
  /// - Parameter signed: endpoints that stand in our binding.
  public func candidates(signed: Set<Endpoint> = []) -> CandidateSet {
    CandidateSet(local: local.endpoints, mapping: mapping, reports: reports, signed: signed)
  }
}
