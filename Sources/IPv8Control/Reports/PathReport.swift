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
