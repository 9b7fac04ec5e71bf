public import IPv8Wire

/// What a session asks of those who know records: to it they are bytes.
public protocol SyncHost {
  /// Nil where the bytes are no canonical record of this scope. Signatures are checked later.
  func summary(of record: [UInt8]) -> RecordSummary?
  /// The record as it travels; nil where it is gone or not for this peer.
  func bytes(of id: RecordID) -> [UInt8]?
  /// Whether a record is worth fetching, by whose it is (nil: of no signer in the table) and how old.
  func wants(signer: PermID?, name: RecordName) -> Bool
}

/// What all sessions of one scope share.
public struct SyncBook: Sendable {
  public var table: RecordTable
  public var budgets: SignerBudgets

  public init(table: RecordTable, budgets: SignerBudgets) {
    self.table = table
    self.budgets = budgets
  }
}

/// How many records of each signer, and of all unknown ones together, are fetched.
///
/// A fixed table: signers that share a slot share its bucket, so a flood of signers costs no memory.
public struct SignerBudgets: Sendable {
  private let seed: UInt64
  private var buckets: [TokenBucket]
  private var strangers: TokenBucket

  /// - Parameters:
  ///   - seed: of who shares a slot; not guessable.
  ///   - strangers: of signers that the table has no record of, all together.
  public init(
    seed: UInt64, slots: Int = 4_096,
    signer: TokenBucket = TokenBucket(interval: .seconds(10), burst: 512),
    strangers: TokenBucket = TokenBucket(rate: 10, burst: 2_048)
  ) {
    self.seed = seed
    buckets = Array(repeating: signer, count: slots)
    self.strangers = strangers
  }

  mutating func take(_ signer: PermID?, at now: Timestamp) -> Bool {
    guard let signer else { return strangers.take(at: now) }
    let words = SignerKey(signer).words
    var random = SeededRandom(seed: seed ^ words.0 ^ words.1)
    return buckets[Int(random.next() % UInt64(buckets.count))].take(at: now)
  }
}

/// What a session has to say to those around it.
public enum SyncOutput: Equatable, Sendable {
  /// The body of a control frame of kind `sync` for the peer.
  case send([UInt8])
  /// A record that was asked for, for its signature to be checked and to be put into the table.
  case record([UInt8], RecordSummary)
  case finished(SyncReport)
}

/// How a session went.
public struct SyncReport: Equatable, Sendable {
  public let session: UInt32
  /// This host asked; otherwise it answered.
  public let isAsker: Bool
  public internal(set) var isEqual = false
  /// Differences that were found: the peer's, and this host's.
  public internal(set) var lacking = 0
  public internal(set) var extra = 0
  /// Of the lacking: fetched, not worth it, over a budget or older than what is here.
  public internal(set) var wanted = 0
  public internal(set) var declined = 0
  public internal(set) var deferred = 0
  public internal(set) var stale = 0
  public internal(set) var received = 0
  public internal(set) var given = 0
  /// Wanted, and the peer has them no more.
  public internal(set) var absent = 0
  /// Nil where all went well.
  public internal(set) var fault: SyncFault?

  init(session: UInt32, isAsker: Bool) {
    self.session = session
    self.isAsker = isAsker
  }
}

extension SyncFault {
  /// Whether only a peer that breaks the rules brings it about.
  public var isHostile: Bool {
    switch self {
    case .malformed, .unasked, .contradictory, .withheld, .forged: true
    case .tooMany, .silent, .otherSalt, .refused: false
    }
  }
}
