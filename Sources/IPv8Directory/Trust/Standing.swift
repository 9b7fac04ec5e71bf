import IPv8Wire

/// What a peer is to this host.
public enum Standing: Equatable, Sendable {
  /// This host itself.
  case own
  /// A contact that the user added.
  case added
  /// Its MeritRank score passes the threshold, or a short chain of friends leads to it.
  case trusted(Double)
  case stranger
  /// The user blocked it, or two of its records contradict each other.
  case blocked
}

/// Why a peer has its standing.
public struct TrustExplanation: Equatable, Sendable {
  public struct Path: Equatable, Sendable {
    /// From this host to the peer in question.
    public let peers: [PermID]
    /// Of the score, 0 to 1.
    public let share: Double
    /// The signer and the subject of the weakest edge, and its weight.
    public let weakest: TrustEdge
  }

  public let standing: Standing
  /// By name of the function: `meritrank`, `maxflow`, and where the graph is small `betweenness`.
  public let scores: [String: Double]
  /// The share of walks that come to the peer, without what a bridge takes.
  public let reach: Double
  /// The peer on nearly all walks to it, and on which share of them.
  public let bridge: PermID?
  public let bridgeShare: Double
  /// What makes the MeritRank score, the strongest part first.
  public let paths: [Path]
  /// Friends' edges between this host and the peer; nil: more than ``DirectorySettings/friendHops``.
  public let friendHops: Int?
  /// Relations about the peer, those of trusted signers first, and by it.
  public let received: [TrustRelation]
  public let given: [TrustRelation]
  /// The two records that contradict each other, as ``IPv8Records/Contradiction/bytes``.
  public let contradiction: [UInt8]?
  /// Of its MeritRank score among all; nil where it has none.
  public let rank: Int?
}

/// An edge of trust.
public struct TrustEdge: Equatable, Sendable {
  public let signer: PermID
  public let subject: PermID
  /// Shares of the signer's trust.
  public let weight: UInt32
}

/// A relation, as an explanation shows it.
public struct TrustRelation: Equatable, Sendable {
  public let signer: PermID
  public let subject: PermID
  public let type: RelationType
  /// Millionths; of traffic bytes.
  public let strength: Int64
  public let timestamp: WallTime
  /// Of its signer.
  public let score: Double
}

/// A chain of peers of which each trusts the next.
public struct NamedFriendshipPath: Equatable, Sendable {
  public enum Kind: String, Sendable { case strongest, disjoint }

  public let kind: Kind
  /// From this host to the peer.
  public let peers: [PermID]
  public let weakest: TrustEdge
  /// Whether no better one exists; false where the search ended at its limit.
  public let isProven: Bool
}
