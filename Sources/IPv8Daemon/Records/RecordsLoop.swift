import IPv8Crypto
import IPv8Directory
import IPv8Node
import IPv8Platform
import IPv8Records
import IPv8Store
import IPv8Wire

/// What the records thread begins with.
struct RecordsStart: Sendable {
  let settings: DirectorySettings
  let contacts: Set<PermID>
  let blocked: Set<PermID>
  /// What this host signed, also where the tables were thrown away.
  let own: [SignedRelation]
  let store: RecordStore
  let writer: RecordWriter
}

/// The thread that keeps the tables of records and computes whom to trust by them. It never has a
/// packet, and runs when the threads that have do not need the processor.
///
/// Owns the directory by move. What peers send may be dropped under load: it comes again.
struct RecordsLoop: ~Copyable {
  private enum Token { static let inbox = EventLoop.Token(1) }

  /// Of the processor: as `nice -n`.
  private static let niceness: Int32 = 10
  /// Addresses that wait for the first session, and how long.
  static let heldLimit = 64
  static let heldTime = Interval.milliseconds(1_500)

  var directory: IPv8Directory.Directory
  let identity: IdentityKey
  let inbox: RecordsInbox
  let engine: EngineInbox
  let lanes: Lanes
  let journal: Journal
  private let start: RecordsStart
  private var loop: EventLoop
  private var ready: [EventLoop.Token] = []
  private var running = true
  /// Peers with open sessions.
  var connected: [PermID: PeerIndex] = [:]
  /// Addresses to ask about when a session opens.
  var held: [(address: OverlayAddress, until: Timestamp)] = []
  /// Changes that the writer had no room for, and frames that the lane had none for.
  var unwritten: UInt64 = 0
  var unsent: UInt64 = 0

  init(
    _ start: RecordsStart, identity: IdentityKey, seed: UInt64, inbox: RecordsInbox,
    engine: EngineInbox, lanes: Lanes, journal: Journal
  ) throws(SystemError) {
    let loop = try EventLoop()
    try loop.add(inbox.waker, token: Token.inbox)
    self.loop = loop
    directory = IPv8Directory.Directory(own: identity.permID, settings: start.settings, seed: seed)
    self.start = start
    self.identity = identity
    self.inbox = inbox
    self.engine = engine
    self.lanes = lanes
    self.journal = journal
  }

  var moment: Moment { Moment(boot: SystemClock.now(), wall: SystemClock.wallTime()) }

  /// Runs until it is told to stop; then all is written.
  mutating func run() {
    ThreadPriority.lower(by: Self.niceness)
    load()
    do throws(SystemError) {
      while running { try turn() }
    } catch { journal.fail("records: \(error)") }
    for message in inbox.close() { perform(message, at: moment) }
    carryOut()
    start.writer.flush()
    do throws(StoreError) { try start.store.close() } catch { journal.warn(error.explanation) }
  }

  /// Fills the tables from the store. What cannot be read comes back from peers.
  private mutating func load() {
    if let repair = start.store.repair { journal.warn(repair.text) }
    start.store.keep(start.contacts.union([identity.permID]))
    let now = moment
    // What this host signed counts as the address book has it.
    directory.load(PreparedRecords(.relations(start.own)), at: now)
    directory.reserve(peers: start.store.peerBound())
    do throws(StoreError) {
      try start.store.load(preparing: { PreparedRecords($0) }) { directory.load($0, at: now) }
    } catch { journal.warn(error.explanation) }
    directory.finishLoading(at: now)
    for peer in start.blocked.sorted() { directory.block(peer, true, at: now) }
    directory.setContacts(start.contacts, at: now)
    carryOut()
    start.writer.beginMending()
  }

  private mutating func turn() throws(SystemError) {
    let due = min(directory.deadline(after: moment), held.map(\.until).min() ?? .distantFuture)
    try loop.wait(until: due, into: &ready)
    if !ready.isEmpty {
      for message in inbox.drain() { perform(message, at: moment) }
    }
    let now = moment
    if directory.deadline(after: now) <= now.boot { directory.tick(at: now) }
    giveUpHeld(at: now)
    carryOut()
  }

  mutating func stop() { running = false }

  func submit(_ changes: [RecordChange]) -> Int { start.writer.submit(changes) }
  var refusedByWriter: UInt64 { start.writer.refused }
}

extension RecordRepair {
  var text: String {
    "records: the database was damaged and set aside as \(setAside); \(saved) records were saved"
  }
}
