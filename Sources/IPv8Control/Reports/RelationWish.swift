/// What the local user wants to be said of a peer, for everyone to read.
public struct RelationWish: Codable, Equatable, Sendable {
  /// In one request; as many relations of one type as peers keep of one signer.
  public static let limit = 256

  public var permID: String
  /// The number of its type (docs/protocol/relations.md); without it, a friend.
  public var type: Int?
  /// 0 to 1; 0 takes back what was said.
  public var strength: Double
  /// Whatever was said before stays, be it that it was taken back; without it, false.
  public var keepsPrevious: Bool?

  public init(
    permID: String, type: Int? = nil, strength: Double, keepsPrevious: Bool? = nil
  ) {
    self.permID = permID
    self.type = type
    self.strength = strength
    self.keepsPrevious = keepsPrevious
  }
}

/// The body of a request.
struct RelationWishes: Codable {
  var relations: [RelationWish]
}
