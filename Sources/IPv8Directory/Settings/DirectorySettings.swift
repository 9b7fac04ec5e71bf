import IPv8Trust
import IPv8Wire

/// Who may exchange packets with this host (docs/decisions/admission.md).
public enum AdmissionPolicy: String, Sendable, CaseIterable {
  /// Contacts that the user added, nobody else.
  case added
  /// And peers whose standing is ``Standing/trusted(_:)``.
  case trusted
  /// And strangers; only who is blocked is not.
  case anyone
}

/// What the user sets of the directory.
public struct DirectorySettings: Equatable, Sendable {
  /// The most signers that a full node may keep.
  public static let recordCapacityLimit = 1_000_000
  /// The most edges of a friendship path that ``friendHops`` may ask for.
  public static let friendHopsLimit = 32

  /// Signers of which records are kept, 1 to ``recordCapacityLimit``.
  public var recordCapacity = 50_000
  /// Twentieths of the capacity that peers without a score may have, so that newcomers can exist, 1 to
  /// 20; 20 for a node that keeps everything. The budgets of synchronisation follow at the next start.
  public var strangerTwentieths = 1
  public var admission = AdmissionPolicy.trusted
  /// The least MeritRank score of a peer that is trusted.
  public var trustThreshold = 0.0005
  /// Edges of a chain of friends (relations of type friend, traffic that both signed) that make a
  /// peer trusted whatever its score; 0: none.
  public var friendHops = 0
  public var weights = RelationWeights()
  /// The weight of the edge to a contact of which the user signed nothing.
  public var contactWeight: UInt32 = 100

  /// Relations of one signer that has a score.
  public var allowance = SignerAllowance()
  /// Of the scores; changed by a restart alone.
  public var ranks = MeritRank.Parameters()
  /// Peers with which the full tables are compared by symbols, which need 262 KB for a peer and table;
  /// 0: by ranges always. Beyond, ranges are used where the table has more than 65,536 records.
  public var sketchedPeers = 32

  public init() {}
}
