import IPv8Wire

/// The side of a session that began it: finds the differences, fetches what it wants, offers what
/// the peer lacks.
struct SyncAsker: Sendable {
  enum Phase: Sendable { case preparing, greeting, reconciling, exchanging }

  /// A slot of a signer: of two versions in it the newer one counts.
  struct Slot: Hashable {
    let tag: UInt32
    let slot: UInt16

    init(_ element: SyncElement) {
      tag = element.tag
      slot = element.name.slot
    }
  }

  /// Offers that the peer is at.
  private static let offerWindow = 8
  /// Answers that overtook the peer's state.
  private static let earlyLimit = 32

  let session: UInt32
  let scope: UInt8
  let floor: UInt32
  let method: SyncMethod
  let limits: SyncLimits
  private(set) var report: SyncReport
  private(set) var isFinished = false
  private(set) var deadline: Timestamp

  private let salt: SyncSalt
  private var phase = Phase.preparing
  private var reconciliation: (any Reconciliation)?
  private var greeting: SyncMessage?
  private let choice: SyncChoice
  private var early: [[UInt8]] = []
  private(set) var exchange: RecordExchange
  private var offers: [[SyncElement]] = []
  private var openOffers: [UInt16: [SyncElement]] = [:]
  private var serial: UInt16 = 0
  private var wantSerials = SerialWindow()
  /// Of the table when the peer was greeted.
  private var changes: UInt64 = 0
  private var attempts = 0

  init(
    session: UInt32, scope: UInt8, floor: UInt32, method: SyncMethod, salt: SyncSalt,
    limits: SyncLimits, now: Moment
  ) {
    self.session = session
    self.scope = scope
    self.floor = floor
    self.method = method
    self.salt = salt
    self.limits = limits
    report = SyncReport(session: session, isAsker: true)
    choice = SyncChoice(salt: salt, floor: floor)
    exchange = RecordExchange(salt: salt, limits: limits)
    deadline = now.boot
  }

  private func message(_ content: SyncMessage.Content) -> SyncMessage {
    SyncMessage(session, isFromAnswerer: false, content)
  }

  private mutating func nextSerial() throws(SyncFault) -> UInt16 {
    guard serial < .max else { throw .tooMany }
    serial += 1
    return serial
  }

  private mutating func finish(_ outbox: inout SyncOutbox) {
    isFinished = true
    outbox.send(message(.end(.done)))
  }

  mutating func fail(_ fault: SyncFault) {
    isFinished = true
    report.fault = fault
  }

  /// Something useful came.
  private mutating func progressed(at now: Moment) {
    attempts = 0
    deadline = now.boot + limits.retry
  }

  /// After an interruption: asks at once, with as much patience as at first.
  mutating func resume(at now: Moment) {
    attempts = 0
    deadline = now.boot
  }

  mutating func receive(
    _ content: SyncMessage.Content, book: inout SyncBook, host: some SyncHost,
    outbox: inout SyncOutbox, outputs: inout [SyncOutput], now: Moment
  ) throws(SyncFault) {
    switch content {
    case .state(let summary, let answer):
      learn(summary, now: now)
      if !answer.isEmpty { early.insert(answer, at: 0) }
      for answer in early {
        try hear(answer, book: &book, host: host, outbox: &outbox, now: now)
      }
      early = []
    case .tell(let answer):
      if phase == .greeting, early.count < Self.earlyLimit { early.append(answer) }
      try hear(answer, book: &book, host: host, outbox: &outbox, now: now)
    case .want(let serial, let names):
      guard phase == .exchanging else { return }
      progressed(at: now)
      if wantSerials.take(serial) { exchange.owe(names) }
    case .give(let records):
      guard phase == .exchanging else { return }
      let salt = salt
      let taken = try exchange.receive(records, host: host) { salt.tag(SignerKey($0)) }
      if !taken.isEmpty { progressed(at: now) }
      report.received += taken.count
      outputs += taken.map { .record($0.bytes, $0.summary) }
    case .none(let names):
      report.absent += exchange.receive(absent: names).count
    case .taken(let serial):
      if openOffers.removeValue(forKey: serial) != nil { progressed(at: now) }
    case .end(.otherSalt): throw .otherSalt
    case .end: throw .refused
    case .hello, .ask, .offer: throw .malformed
    }
    try proceed(outbox: &outbox, now: now)
  }

  private mutating func hear(
    _ answer: [UInt8], book: inout SyncBook, host: some SyncHost, outbox: inout SyncOutbox,
    now: Moment
  ) throws(SyncFault) {
    guard phase == .reconciling else { return }
    let requests = try reconciliation?.receive(answer, book.table) ?? []
    progressed(at: now)
    try ask(requests, &outbox)
    if let differences = reconciliation?.differences {
      try plan(differences, book: &book, host: host, now: now)
    }
  }

  private mutating func learn(_ summary: SetSummary?, now: Moment) {
    guard phase == .greeting else { return }
    guard let summary else {
      report.isEqual = true
      isFinished = true
      return
    }
    phase = .reconciling
    reconciliation?.learn(summary)
    progressed(at: now)
  }

  private mutating func ask(_ requests: [[UInt8]], _ outbox: inout SyncOutbox) throws(SyncFault) {
    for request in requests { outbox.send(message(.ask(serial: try nextSerial(), request))) }
  }

  /// What time asks for: the greeting, what got lost, what the rates now allow.
  mutating func tick(
    book: inout SyncBook, outbox: inout SyncOutbox, now: Moment
  ) throws(SyncFault) {
    if phase == .preparing { return begin(book: &book, outbox: &outbox, now: now) }
    if now.boot >= deadline { try again(book.table, outbox: &outbox, now: now) }
    try proceed(outbox: &outbox, now: now)
  }

  private mutating func begin(book: inout SyncBook, outbox: inout SyncOutbox, now: Moment) {
    guard
      let side = SyncSide(method: method, salt: salt, floor: floor, book: &book)
    else { return }
    changes = book.table.changes
    var way = side.reconciliation(round: session)
    let request = way.start(book.table)
    reconciliation = way
    let hello = SyncMessage.Hello(
      method: method.rawValue, scope: scope, floor: floor, mark: salt.mark, summary: side.summary,
      request: request)
    let greeting = message(.hello(hello))
    self.greeting = greeting
    phase = .greeting
    deadline = now.boot + limits.retry
    outbox.send(greeting)
  }

  private mutating func again(
    _ table: RecordTable, outbox: inout SyncOutbox, now: Moment
  ) throws(SyncFault) {
    attempts += 1
    guard attempts <= limits.attempts else { throw .silent }
    deadline = now.boot + min(limits.retry * (1 << Int64(min(attempts, 16))), limits.retryLimit)
    switch phase {
    case .preparing: break
    case .greeting: if let greeting { outbox.send(greeting) }
    case .reconciling: try ask(reconciliation?.retry(table) ?? [], &outbox)
    case .exchanging:
      for names in exchange.missing {
        outbox.send(message(.want(serial: try nextSerial(), names)))
      }
      for (serial, elements) in openOffers {
        outbox.send(message(.offer(serial: serial, elements)))
      }
    }
  }

  private mutating func plan(
    _ differences: Differences, book: inout SyncBook, host: some SyncHost, now: Moment
  ) throws(SyncFault) {
    phase = .exchanging
    let extra = try verified(differences, book: &book)
    report.lacking = differences.lacking.count
    report.extra = extra.count
    var newest: [Slot: UInt32] = [:]
    for element in extra {
      newest[Slot(element)] = max(newest[Slot(element)] ?? 0, element.name.time)
    }
    let fresh = differences.lacking.filter { newest[Slot($0)] ?? 0 <= $0.name.time }
    report.stale = differences.lacking.count - fresh.count
    let wanted = choice.choose(fresh, book: &book, host: host, now: now, report: &report)
    for element in wanted where exchange.want(element) { report.wanted += 1 }
    // What a version on its way here replaces is not offered.
    var coming: [Slot: UInt32] = [:]
    for element in wanted {
      coming[Slot(element)] = max(coming[Slot(element)] ?? 0, element.name.time)
    }
    let offered =
      reconciliationIsMutual ? extra.filter { coming[Slot($0)] ?? 0 <= $0.name.time } : []
    offers = stride(from: 0, to: offered.count, by: SyncMessage.offerLimit).map {
      Array(offered[$0..<min($0 + SyncMessage.offerLimit, offered.count)])
    }.reversed()
  }

  private var reconciliationIsMutual: Bool { method != .bloom }

  /// This host's own side of the differences, without what is only declined; a peer that invents
  /// differences is found out where the table did not change meanwhile.
  private func verified(
    _ differences: Differences, book: inout SyncBook
  ) throws(SyncFault) -> [SyncElement] {
    let isUnchanged = book.table.changes == changes
    var extra: [SyncElement] = []
    var gone: [SyncElement] = []
    for element in differences.extra {
      if book.table.entry(of: element, salt: salt) != nil {
        extra.append(element)
      } else if book.table.isDeclined(element, salt: salt, floor: floor) {
        gone.append(element)
      } else if isUnchanged {
        throw .contradictory
      }
    }
    let lower = RecordName.first(of: floor)
    for element in differences.lacking where isUnchanged {
      guard element.name >= lower, book.table.entry(of: element, salt: salt) == nil else {
        throw .contradictory
      }
    }
    book.table.forget(gone, salt: salt, floor: floor)
    return extra
  }

  /// Asks for and offers as much as may be under way, and ends where nothing is left to do.
  private mutating func proceed(outbox: inout SyncOutbox, now: Moment) throws(SyncFault) {
    guard phase == .exchanging, !isFinished else { return }
    var names = exchange.nextWants(at: now.boot)
    while !names.isEmpty {
      outbox.send(message(.want(serial: try nextSerial(), names)))
      names = exchange.nextWants(at: now.boot)
    }
    while openOffers.count < Self.offerWindow, let elements = offers.popLast() {
      let serial = try nextSerial()
      openOffers[serial] = elements
      outbox.send(message(.offer(serial: serial, elements)))
    }
    guard exchange.isSettled, !exchange.owes, openOffers.isEmpty, offers.isEmpty else { return }
    guard report.absent <= 16 || report.absent * 2 <= report.wanted else { throw .withheld }
    finish(&outbox)
  }

  /// The next message with records that the peer asked for.
  mutating func give(host: some SyncHost, table: RecordTable) -> [SyncMessage] {
    let (records, absent) = exchange.nextGive(host: host, table: table)
    report.given += records.count
    var messages: [SyncMessage] = []
    if !records.isEmpty { messages.append(message(.give(records))) }
    if !absent.isEmpty { messages.append(message(.none(absent))) }
    return messages
  }
}
