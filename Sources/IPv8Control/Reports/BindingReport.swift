/// Where a peer says it is.
public struct BindingReport: Codable, Equatable, Sendable {
  public var endpoints: [String]
  /// Unix time.
  public var timestampMilliseconds: Int
  /// Whether the peer signed it; otherwise the local user told it.
  public var signed: Bool

  public init(endpoints: [String], timestampMilliseconds: Int, signed: Bool) {
    self.endpoints = endpoints
    self.timestampMilliseconds = timestampMilliseconds
    self.signed = signed
  }
}
