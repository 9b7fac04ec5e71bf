import IPv8Crypto
import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

/// The tables of bindings and relations, whom to trust by them, and their exchange with peers
/// (docs/protocol/directory.md). Bytes and time in, outputs out.
///
/// After each call that takes a moment, ``takeOutputs()`` has what is to be done, and
/// ``deadline(after:)`` says when ``tick(at:)`` is due.
public struct Directory: Sendable {
  public let own: PermID
  public internal(set) var settings: DirectorySettings
  public internal(set) var counters = DirectoryCounters()

  var table: PeerTable
  var books: RecordBooks
  var trust: TrustView
  var capacity: CapacityState
  /// Peers that the user added.
  var contacts: Set<PeerNumber> = []
  var links = LinkTable()
  var waiting = VerificationQueue()
  var queries: QueryTable
  var random: SeededRandom
  /// This host's own binding, where it changed too soon after the last one.
  var pendingOwn: [UInt8]?
  var scoresDue: Timestamp?
  var news = NewsState()
  var sweep = SweepState()
  var loading = LoadState()
  private var outputs: [DirectoryOutput] = []
  private var changes: [RecordChange] = []

  /// - Parameter seed: of walks, pauses and numbers of sessions; secret, other at each start.
  public init(own: PermID, settings: DirectorySettings = DirectorySettings(), seed: UInt64) {
    self.own = own
    self.settings = settings
    random = SeededRandom(seed: seed)
    table = PeerTable(own: own)
    books = RecordBooks(keepsAll: settings.strangerTwentieths >= 20, using: &random)
    trust = TrustView(seed: random.next(), parameters: settings.ranks)
    queries = QueryTable()
    capacity = CapacityState()
    books.know(own)
  }

  /// The outputs since the last call.
  public mutating func takeOutputs() -> [DirectoryOutput] {
    defer {
      outputs = []
      changes = []
    }
    return changes.isEmpty ? outputs : [.store(changes)] + outputs
  }

  mutating func emit(_ output: DirectoryOutput) { outputs.append(output) }

  mutating func store(_ change: RecordChange) { changes.append(change) }

  mutating func send(_ frame: ControlFrame, to peer: PermID) {
    counters.bytesSent += UInt64(frame.body.count)
    outputs.append(.send(peer, frame))
  }

  /// The peer's number, with a row where it had none; nil where the graph is full.
  ///
  /// - Parameter key: of the peer's address, where it is known.
  mutating func number(making peer: PermID, key: UInt64? = nil) -> PeerNumber? {
    if let number = table[peer] { return number }
    let key = key ?? PeerTable.key(OverlayAddress(of: peer))
    let number: PeerNumber
    if let reused = table.reuse(peer, key) {
      number = reused
    } else {
      guard let added = trust.graph.addPeer() else { return nil }
      table.append(peer, key)
      number = added
    }
    books.know(peer)
    return number
  }

  /// Lets go of a row that nothing needs any more.
  mutating func releaseIfUnused(_ number: PeerNumber) {
    guard number != TrustView.observer, table.rows[Int(number)].isUnused else { return }
    for source in trust.graph.isolate(number) { trust.noteChange(of: source) }
    books.forget(table.name(number))
    table.release(number)
  }

  /// How much the directory holds.
  public var size: DirectorySize {
    DirectorySize(
      signers: table.signerCount, peers: table.peerCount, bindings: table.bindings.count,
      relations: table.relations.count, contradictions: table.proofs.count,
      connected: links.connectedCount, waiting: waiting.count)
  }
}
