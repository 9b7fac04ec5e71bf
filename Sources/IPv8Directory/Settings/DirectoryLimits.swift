import IPv8Sync
import IPv8Wire

/// What a peer can make the directory keep, do or send (docs/protocol/directory.md, Limits).
public enum DirectoryLimits {
  /// Relations of all signers, for each signer that the table may have.
  static let relationsPerSigner = 8
  /// Relations of a signer that has no score.
  static let strangerRelations = 64
  /// Of a full table so much goes at once, so that not each new record costs a pass.
  static let evictionShare = 32
  /// Proofs of deceit that are kept; those of peers that nobody here trusts go first.
  static let contradictions = 4_096
  /// Contacts and blocked peers that the user may name.
  static let named = 65_536
  /// Signatures checked in a second, and at once.
  static let verifications: Int64 = 2_000
  /// Records that wait for the check of their signature; more are dropped and come again.
  static let waiting = 4_096
  /// Changes of a signer's binding that are taken: so soon one after the other, and at once.
  static let bindingPause = Interval.seconds(10)
  static let bindingBurst: Int64 = 6
  /// Peers with a session, and those that had one and of which is kept how far synchronisation was.
  static let links = 4_096
  static let idleLinks = 256
  /// Records of a table that is large (``DirectorySettings/sketchedPeers``).
  static let largeTable = 65_536
  /// Records of a table that is compared without a sketch.
  static let smallTable = 256
  /// Sessions of a scope that this host began, younger than 30 s, at once.
  static let askings = 8
  static let askingTime = Interval.seconds(30)
  /// Signatures of one peer's records, and of those of peers without a session all together, that are
  /// checked in a second, and at once.
  static let peerVerifications: Int64 = 400
  static let peerVerificationBurst: Int64 = 1_024
  /// Questions of a peer that are answered: in a second, and at once.
  static let queryRate: Int64 = 10
  static let queryBurst: Int64 = 32
  /// Questions that were passed on and wait, and own ones.
  static let passedQueries = 1_024
  static let resolutions = 256
  /// Addresses that nobody knew lately.
  static let unknownAddresses = 1_024
  /// Friends of friends that ``DirectorySettings/friendHops`` looks at: edges.
  static let horizonEdges = 100_000
  /// The largest graph of which betweenness is computed for an explanation: edges.
  static let betweennessEdges = 200_000
}
