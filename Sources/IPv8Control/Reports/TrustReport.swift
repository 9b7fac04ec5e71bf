/// What this machine thinks of a peer, and why.
public struct TrustReport: Codable, Equatable, Sendable {
  /// One signer's trust in one subject.
  public struct Edge: Codable, Equatable, Sendable {
    public var signer: String
    public var subject: String
    /// Shares of the signer's trust.
    public var weight: Int

    public init(signer: String, subject: String, weight: Int) {
      self.signer = signer
      self.subject = subject
      self.weight = weight
    }
  }

  public struct Path: Codable, Equatable, Sendable {
    /// PermIDs from this machine to the peer.
    public var peers: [String]
    /// Of the score, 0 to 1.
    public var share: Double
    public var weakest: Edge

    public init(peers: [String], share: Double, weakest: Edge) {
      self.peers = peers
      self.share = share
      self.weakest = weakest
    }
  }

  public struct Relation: Codable, Equatable, Sendable {
    public var signer: String
    public var subject: String
    /// The number of its type (docs/protocol/relations.md).
    public var type: Int
    /// Millionths; of traffic bytes.
    public var strength: Int
    public var timestampMilliseconds: Int
    /// The signer's.
    public var score: Double

    public init(
      signer: String, subject: String, type: Int, strength: Int, timestampMilliseconds: Int,
      score: Double
    ) {
      self.signer = signer
      self.subject = subject
      self.type = type
      self.strength = strength
      self.timestampMilliseconds = timestampMilliseconds
      self.score = score
    }
  }

  public var permID: String
  public var name: String
  /// `own`, `added`, `trusted`, `stranger` or `blocked`.
  public var standing: String
  /// By the name of the function.
  public var scores: [String: Double]
  /// The share of walks that come to the peer.
  public var reach: Double
  /// The peer on nearly all walks to it.
  public var bridge: String?
  public var bridgeShare: Double
  public var paths: [Path]
  /// Edges of the shortest chain of friends, where it is short enough to count.
  public var friendHops: Int?
  public var received: [Relation]
  public var given: [Relation]
  /// Two records that contradict each other, in hexadecimal.
  public var contradiction: String?
  /// Of its score among all.
  public var rank: Int?
  /// The user blocked it.
  public var blocked: Bool

  public init(
    permID: String, name: String, standing: String, scores: [String: Double] = [:],
    reach: Double = 0, bridge: String? = nil, bridgeShare: Double = 0, paths: [Path] = [],
    friendHops: Int? = nil, received: [Relation] = [], given: [Relation] = [],
    contradiction: String? = nil, rank: Int? = nil, blocked: Bool = false
  ) {
    self.permID = permID
    self.name = name
    self.standing = standing
    self.scores = scores
    self.reach = reach
    self.bridge = bridge
    self.bridgeShare = bridgeShare
    self.paths = paths
    self.friendHops = friendHops
    self.received = received
    self.given = given
    self.contradiction = contradiction
    self.rank = rank
    self.blocked = blocked
  }
}
