/// Who this machine is.
public struct IdentityReport: Codable, Equatable, Sendable {
  public var permID: String
  /// The overlay address.
  public var address6: String
  /// The name that it gives itself; empty without one.
  public var name: String

  public init(permID: String, address6: String, name: String) {
    self.permID = permID
    self.address6 = address6
    self.name = name
  }
}
