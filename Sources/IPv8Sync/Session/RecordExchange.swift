import IPv8Wire

/// Fetching records and giving them, of one session.
struct RecordExchange: Sendable {
  enum Settled { case arrived, absent }

  private let salt: SyncSalt
  /// Wanted and not asked for yet, from `head` on.
  private var waiting: [SyncElement] = []
  private var head = 0
  private var outstanding: Set<SyncElement> = []
  /// Names that were asked for and settled: their records may come again.
  private var settled: Set<RecordName> = []
  private var rate: TokenBucket
  /// Asked of us and not given yet, from `owedHead` on.
  private var owed: [RecordName] = []
  private var owedHead = 0
  private var owedNames: Set<RecordName> = []

  init(salt: SyncSalt, limits: SyncLimits) {
    self.salt = salt
    rate = TokenBucket(rate: limits.recordsPerSecond, burst: limits.recordBurst)
  }

  /// Nothing is wanted any more.
  var isSettled: Bool { head == waiting.count && outstanding.isEmpty }
  var isAsking: Bool { !outstanding.isEmpty }
  var wantsMore: Bool { head < waiting.count && outstanding.count < SyncLimits.outstandingLimit }
  var owes: Bool { owedHead < owed.count }

  /// False where that many are wanted already.
  mutating func want(_ element: SyncElement) -> Bool {
    guard waiting.count + settled.count < SyncLimits.wantedLimit else { return false }
    waiting.append(element)
    return true
  }

  /// The names to ask for next, as many as the rate allows.
  mutating func nextWants(at now: Timestamp) -> [RecordName] {
    var names: [RecordName] = []
    while names.count < SyncMessage.nameLimit, wantsMore, rate.take(at: now) {
      outstanding.insert(waiting[head])
      names.append(waiting[head].name)
      head += 1
    }
    if head == waiting.count {
      waiting = []
      head = 0
    }
    return names
  }

  /// All names that were asked for and did not come.
  var missing: [[RecordName]] {
    let names = outstanding.map(\.name)
    return stride(from: 0, to: names.count, by: SyncMessage.nameLimit).map {
      Array(names[$0..<min($0 + SyncMessage.nameLimit, names.count)])
    }
  }

  /// Takes records; those that were asked for, each once.
  mutating func receive(
    _ records: [[UInt8]], host: some SyncHost, signerTag: (PermID) -> UInt32
  ) throws(SyncFault) -> [(element: SyncElement, bytes: [UInt8], summary: RecordSummary)] {
    var taken: [(element: SyncElement, bytes: [UInt8], summary: RecordSummary)] = []
    for bytes in records {
      guard let summary = host.summary(of: bytes) else { throw .malformed }
      let element = SyncElement(tag: signerTag(summary.signer), name: summary.name)
      if outstanding.remove(element) != nil {
        settled.insert(element.name)
        taken.append((element, bytes, summary))
      } else if !settled.contains(element.name),
        !outstanding.contains(where: { $0.name == element.name })
      {
        throw .unasked
      }
    }
    return taken
  }

  /// The peer has these no more.
  mutating func receive(absent names: [RecordName]) -> [SyncElement] {
    let gone = Set(names)
    let elements = outstanding.filter { gone.contains($0.name) }
    for element in elements {
      outstanding.remove(element)
      settled.insert(element.name)
    }
    return Array(elements)
  }

  /// What is owed is not owed twice; too much is not owed at all, the peer asks again.
  mutating func owe(_ names: [RecordName]) {
    for name in names where owedNames.count < SyncLimits.owedLimit {
      if owedNames.insert(name).inserted { owed.append(name) }
    }
  }

  /// The records of the next message, and those owed that are not here.
  mutating func nextGive(
    host: some SyncHost, table: RecordTable
  ) -> (records: [[UInt8]], absent: [RecordName]) {
    var records: [[UInt8]] = []
    var absent: [RecordName] = []
    var room = SyncLimits.messageLimit - SyncMessage.headByteCount
    while owedHead < owed.count, absent.count < SyncMessage.nameLimit {
      let name = owed[owedHead]
      let found = table.entries(named: name).compactMap { host.bytes(of: $0.id) }
        .filter { !$0.isEmpty && $0.count <= SyncMessage.recordByteLimit }
      let size = found.reduce(0) { $0 + $1.count + 2 }
      if size > room, !records.isEmpty { break }
      owedHead += 1
      owedNames.remove(name)
      if found.isEmpty {
        absent.append(name)
        continue
      }
      // Of one name there is nearly always one record.
      for record in found where record.count + 2 <= room {
        records.append(record)
        room -= record.count + 2
      }
    }
    if owedHead == owed.count {
      owed = []
      owedHead = 0
    }
    return (records, absent)
  }
}
