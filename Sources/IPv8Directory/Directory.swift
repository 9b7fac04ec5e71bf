import IPv8Crypto
import IPv8Records
import IPv8Wire

/// The tables of bindings and relations, whom to trust by them, and their exchange with peers
/// (docs/protocol/directory.md). Bytes and time in, outputs out.
///
/// After each call that changes something ``takeOutputs()`` has what is to be done, and
/// ``deadline(after:)`` says when ``tick(at:)`` is due.
public struct Directory: Sendable {
  public let own: PermID
  public private(set) var settings: DirectorySettings
  public private(set) var counters = DirectoryCounters()

  /// - Parameter seed: of walks, pauses and numbers of sessions; secret, other at each start.
  public init(own: PermID, settings: DirectorySettings = DirectorySettings(), seed: UInt64) {
    self.own = own
    self.settings = settings
  }

  // MARK: Records

  /// Fills the tables at the start, before anything else: what was verified when it was stored.
  public mutating func load(
    bindings: [SignedBinding], relations: [SignedRelation], contradictions: [Contradiction],
    at now: Moment
  ) {}

  /// Takes a record as it travels, of any kind: binding, relation, contradiction.
  @discardableResult
  public mutating func offer(_ bytes: [UInt8], from source: RecordSource, at now: Moment)
    -> RecordVerdict
  { .deferred }

  /// The peer's binding; nil where there is none, or it was withdrawn.
  public func binding(of peer: PermID) -> SignedBinding? { nil }

  /// Whose address it is, of the peers that are known.
  public func permID(at address: OverlayAddress) -> PermID? { nil }

  /// The newest timestamp of this host's own binding that is known, be it from peers: a newer binding
  /// has to be later.
  public var ownBindingTimestamp: WallTime? { nil }

  // MARK: What the user says

  public mutating func setContacts(_ contacts: Set<PermID>, at now: Moment) {}
  public mutating func addContact(_ peer: PermID, at now: Moment) {}
  public mutating func removeContact(_ peer: PermID, at now: Moment) {}
  public mutating func block(_ peer: PermID, _ isBlocked: Bool, at now: Moment) {}

  /// Changes the settings, capacity and policy included.
  public mutating func apply(_ settings: DirectorySettings, at now: Moment) {}

  /// The relation of type `type` for the caller to sign and to offer with ``RecordSource/own``. Its
  /// timestamp is later than that of the one it replaces.
  ///
  /// - Parameter strength: 0 (revoked) to 1.
  public func relationToSign(
    trusting peer: PermID, type: RelationType = .friend, strength: Double, at now: Moment
  ) -> RelationRecord {
    RelationRecord(
      signer: own, subject: peer, type: type, timestamp: now.wall,
      strength: Int64(strength * Double(RelationRecord.fullStrength)))
  }

  // MARK: Questions

  public func standing(of peer: PermID) -> Standing { .stranger }

  /// Whether the admission policy lets the peer exchange packets with this host.
  public func admits(_ peer: PermID) -> Bool { false }

  /// The MeritRank score, 0 to 1.
  public func score(of peer: PermID) -> Double { 0 }

  public func explain(_ peer: PermID) -> TrustExplanation? { nil }

  /// The strongest path to the peer, then up to `count` that share nobody between.
  public func friendshipPaths(to peer: PermID, count: Int) -> [NamedFriendshipPath] { [] }

  /// Up to `count` connected contacts, the most trusted first: whom to name as rendezvous.
  public func rendezvous(_ count: Int = 3) -> [OverlayAddress] { [] }

  public var size: DirectorySize {
    DirectorySize(
      signers: 0, peers: 0, bindings: 0, relations: 0, contradictions: 0, connected: 0, waiting: 0)
  }

  // MARK: Peers with open sessions

  /// - Parameter pairSecret: that both peers have and nobody else, the same after each reconnection.
  public mutating func connected(_ peer: PermID, pairSecret: SecretBytes, at now: Moment) {}
  public mutating func disconnected(_ peer: PermID, at now: Moment) {}

  /// Takes the body of a control frame of kind `sync`, `query` or `answer` of a connected peer; others
  /// are ignored.
  public mutating func receive(
    _ body: [UInt8], kind: ControlFrame.Kind, from peer: PermID, at now: Moment
  ) {}

  /// Looks for whose address it is, here and, where nobody is known, at peers; ends with
  /// ``DirectoryOutput/resolved(_:_:)``, after 3 s at most.
  public mutating func resolve(_ address: OverlayAddress, at now: Moment) {}

  // MARK: Time

  public mutating func tick(at now: Moment) {}
  public func deadline(after now: Moment) -> Timestamp { .distantFuture }

  /// The outputs since the last call.
  public mutating func takeOutputs() -> [DirectoryOutput] { [] }
}
