import IPv8Wire

/// How a simulated NAT behaves, in the terms of RFC 4787.
public struct NATBehaviour: Sendable, Equatable {
  /// What a mapping or a filter depends on beside the inner endpoint.
  public enum Dependence: Sendable, CaseIterable {
    case nothing, address, addressAndPort
  }

  /// Which outer port a new mapping gets.
  public enum Allocation: Sendable, Equatable {
    /// The inner one while it is free, else the next free one.
    case preserving
    /// The last one plus so many.
    case sequential(Int)
    case random
  }

  public var mapping: Dependence
  public var filtering: Dependence
  public var allocation = Allocation.preserving
  /// Whether inner hosts reach each other by outer endpoints.
  public var hairpin = false
  /// False for a firewall: endpoints stay as they are.
  public var translates = true
  /// Drops all UDP.
  public var blocksUDP = false
  /// A mapping's life without packets until three packets crossed it, and after that.
  public var unreplied = Interval.seconds(30)
  public var established = Interval.seconds(120)
  /// A mapping's life whatever packets cross it; nil for ever.
  public var absolute: Interval?

  public init(_ mapping: Dependence, _ filtering: Dependence, _ allocation: Allocation? = nil) {
    self.mapping = mapping
    self.filtering = filtering
    if let allocation { self.allocation = allocation }
  }

  public static let fullCone = NATBehaviour(.nothing, .nothing)
  public static let restrictedCone = NATBehaviour(.nothing, .address)
  public static let portRestrictedCone = NATBehaviour(.nothing, .addressAndPort)
  public static let symmetric = NATBehaviour(.addressAndPort, .addressAndPort, .random)
  public static let addressSymmetric = NATBehaviour(.address, .addressAndPort, .random)
  public static let sequentialSymmetric = NATBehaviour(
    .addressAndPort, .addressAndPort, .sequential(1))
  public static let firewall: NATBehaviour = {
    var behaviour = NATBehaviour.portRestrictedCone
    behaviour.translates = false
    return behaviour
  }()
  public static let blocked: NATBehaviour = {
    var behaviour = NATBehaviour.portRestrictedCone
    behaviour.blocksUDP = true
    return behaviour
  }()
}
