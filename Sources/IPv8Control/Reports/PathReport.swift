/// Bytes of the longest IP packets that a way takes.
public struct PathMTUReport: Codable, Equatable, Sendable {
  /// Inside the tunnel; longer ones are fragmented or refused.
  public var inner: Int
  /// Of the datagrams that carry them.
  public var outer: Int
  /// Whether the search is over.
  public var settled: Bool

  public init(inner: Int, outer: Int, settled: Bool) {
    self.inner = inner
    self.outer = outer
    self.settled = settled
  }
}

/// How packets reach a peer now.
public struct PathReport: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, Sendable {
    case direct
    case relayed
    case tcp
    case none
  }

  public var kind: Kind
  /// The underlay address of the peer; none where packets go by way of others.
  public var endpoint: String?
  /// The PermID of the relay.
  public var via: String?
  /// What the relay is called here; nil for no name.
  public var viaName: String?
  /// Smoothed round-trip time.
  public var rttMicroseconds: Int?
  /// What the way takes; none where there is no limit.
  public var mtu: PathMTUReport?

  public init(
    kind: Kind, endpoint: String? = nil, via: String? = nil, viaName: String? = nil,
    rttMicroseconds: Int? = nil
  ) {
    self.kind = kind
    self.endpoint = endpoint
    self.via = via
    self.viaName = viaName
    self.rttMicroseconds = rttMicroseconds
  }

  public static let none = PathReport(kind: .none)
}
