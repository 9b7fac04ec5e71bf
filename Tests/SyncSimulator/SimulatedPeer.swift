public import IPv8Sync
public import IPv8Wire

/// What a peer knows of records: the newest of each slot.
public struct RecordStore: SyncHost, Sendable {
  public var records: [RecordID: SimulatedRecord] = [:]
  public var newest: [SimulatedRecord.Slot: RecordID] = [:]
  /// Signers whose records are not wanted.
  public var unwanted: Set<PermID> = []
  public var wantsStrangers = true

  public init() {}

  public func summary(of record: [UInt8]) -> RecordSummary? { SimulatedRecord(record)?.summary }

  public func bytes(of id: RecordID) -> [UInt8]? { records[id]?.bytes }

  public func wants(signer: PermID?, name: RecordName) -> Bool {
    guard let signer else { return wantsStrangers }
    return !unwanted.contains(signer)
  }
}

public struct SimulatedPeer: Sendable {
  public var book: SyncBook
  public var store = RecordStore()
  public var session: SyncSession
  public var reports: [SyncReport] = []
  /// Records that came, in order.
  public var arrived: [RecordID] = []

  public init(salt: SyncSalt, seed: UInt64, limits: SyncLimits, budgets: SignerBudgets? = nil) {
    book = SyncBook(
      table: RecordTable(seed: seed),
      budgets: budgets
        ?? SignerBudgets(
          seed: seed, signer: TokenBucket(rate: 1_000, burst: 100_000),
          strangers: TokenBucket(rate: 1_000, burst: 100_000)))
    session = SyncSession(salt: salt, scope: 1, limits: limits)
  }

  mutating func begin(session number: UInt32, floor: UInt32, method: SyncMethod, at now: Moment) {
    session.begin(
      session: number, floor: floor, method: method, book: &book, host: store, now: now)
  }

  mutating func resume(at now: Moment) { session.resume(book: &book, host: store, now: now) }

  mutating func receive(_ body: [UInt8], at now: Moment) {
    session.receive(body, book: &book, host: store, now: now)
  }

  mutating func tick(at now: Moment) { session.tick(book: &book, host: store, now: now) }

  /// The newest version of a slot counts; of equally old ones that with the larger id.
  @discardableResult
  public mutating func put(_ record: SimulatedRecord) -> Bool {
    let summary = record.summary
    if let old = store.newest[record.slot], let before = store.records[old] {
      let isNewer =
        before.timestamp == record.timestamp
        ? (old.high, old.low) < (summary.id.high, summary.id.low)
        : before.timestamp < record.timestamp
      guard isNewer else { return false }
      store.records[old] = nil
      book.table.remove(before.summary)
    }
    store.newest[record.slot] = summary.id
    store.records[summary.id] = record
    book.table.insert(summary)
    return true
  }

  /// All of them at once, into an empty table.
  public mutating func fill(_ records: [SimulatedRecord]) {
    let summaries = records.map(\.summary)
    for (record, summary) in zip(records, summaries) {
      store.newest[record.slot] = summary.id
      store.records[summary.id] = record
    }
    book.table.fill(summaries)
  }
}
