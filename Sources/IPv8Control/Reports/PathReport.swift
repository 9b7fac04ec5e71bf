/// How packets reach a peer now.
public struct PathReport: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, Sendable {
    case direct
    case relayed
    case tcp
    case none
  }

  public var kind: Kind
  /// The underlay address of the peer or its relay.
  public var endpoint: String?
  /// Smoothed round-trip time.
  public var rttMicroseconds: Int?

  public init(kind: Kind, endpoint: String? = nil, rttMicroseconds: Int? = nil) {
    self.kind = kind
    self.endpoint = endpoint
    self.rttMicroseconds = rttMicroseconds
  }

  public static let none = PathReport(kind: .none)
}
