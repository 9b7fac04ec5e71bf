/// A relation that this machine signed.
public struct SignedRelationReport: Codable, Equatable, Sendable {
  public var permID: String
  public var type: Int
  /// 0 to 1.
  public var strength: Double
  public var timestampMilliseconds: Int
  /// Signed just now; else it was said before and still is.
  public var isNew: Bool

  public init(
    permID: String, type: Int, strength: Double, timestampMilliseconds: Int, isNew: Bool
  ) {
    self.permID = permID
    self.type = type
    self.strength = strength
    self.timestampMilliseconds = timestampMilliseconds
    self.isNew = isNew
  }
}

/// The body of the answer.
struct SignedRelationList: Codable {
  var relations: [SignedRelationReport]
}
