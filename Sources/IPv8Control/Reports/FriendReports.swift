/// Chains of friends from this machine to a peer.
public struct FriendPathsReport: Codable, Equatable, Sendable {
  /// Paths that can be asked for.
  public static let countRange = 1...16
  static let countName = "count"

  public struct Path: Codable, Equatable, Sendable {
    /// `strongest` or `disjoint`.
    public var kind: String
    /// PermIDs from this machine to the peer.
    public var peers: [String]
    /// The edge with the least weight.
    public var weakest: TrustReport.Edge
    /// Whether no better one exists; else the search ended at its limit.
    public var proven: Bool

    public init(kind: String, peers: [String], weakest: TrustReport.Edge, proven: Bool) {
      self.kind = kind
      self.peers = peers
      self.weakest = weakest
      self.proven = proven
    }
  }

  public var permID: String
  public var name: String
  public var paths: [Path]

  public init(permID: String, name: String, paths: [Path]) {
    self.permID = permID
    self.name = name
    self.paths = paths
  }
}

/// Whom this machine calls friends.
public struct FriendListReport: Codable, Equatable, Sendable {
  public struct Friend: Codable, Equatable, Sendable {
    public var permID: String
    public var name: String
    /// 0 to 1.
    public var strength: Double
    public var timestampMilliseconds: Int
    /// It says the same of this machine.
    public var mutual: Bool

    public init(
      permID: String, name: String, strength: Double, timestampMilliseconds: Int, mutual: Bool
    ) {
      self.permID = permID
      self.name = name
      self.strength = strength
      self.timestampMilliseconds = timestampMilliseconds
      self.mutual = mutual
    }
  }

  public var friends: [Friend]

  public init(friends: [Friend]) { self.friends = friends }
}
