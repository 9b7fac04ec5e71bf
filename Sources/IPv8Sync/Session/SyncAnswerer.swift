import IPv8Wire

/// The side of a session that was asked.
struct SyncAnswerer: Sendable {
  /// Offers of the peer that are worked on at once.
  private static let offerLimit = 16
  /// A second greeting within this time is taken for a copy of the first.
  private static let greetingPause = Interval.milliseconds(250)

  let session: UInt32
  let limits: SyncLimits
  private let hello: SyncMessage.Hello
  private let method: SyncMethod
  private let salt: SyncSalt
  private(set) var report: SyncReport
  private(set) var isFinished = false
  private(set) var deadline: Timestamp

  private var side: SyncSide?
  private var answer: (any ReconciliationAnswer)?
  private let choice: SyncChoice
  private(set) var exchange: RecordExchange
  /// What of each offer is still to come.
  private var offers: [UInt16: Set<SyncElement>] = [:]
  private var takenSerials: Set<UInt16> = []
  private var askSerials = SerialWindow()
  private var wantSerials = SerialWindow()
  private var serial: UInt16 = 0
  private var greetedAt: Timestamp?
  private var lastHeard: Timestamp
  private var attempts = 0

  init(
    session: UInt32, hello: SyncMessage.Hello, method: SyncMethod, salt: SyncSalt,
    limits: SyncLimits, now: Moment
  ) {
    self.session = session
    self.hello = hello
    self.method = method
    self.salt = salt
    self.limits = limits
    report = SyncReport(session: session, isAsker: false)
    choice = SyncChoice(salt: salt, floor: hello.floor)
    exchange = RecordExchange(salt: salt, limits: limits)
    deadline = now.boot
    lastHeard = now.boot
  }

  private func message(_ content: SyncMessage.Content) -> SyncMessage {
    SyncMessage(session, isFromAnswerer: true, content)
  }

  mutating func fail(_ fault: SyncFault) {
    isFinished = true
    report.fault = fault
  }

  mutating func resume(at now: Moment) {
    attempts = 0
    lastHeard = now.boot
    deadline = now.boot
  }

  mutating func receive(
    _ content: SyncMessage.Content, book: inout SyncBook, host: some SyncHost,
    outbox: inout SyncOutbox, outputs: inout [SyncOutput], now: Moment
  ) throws(SyncFault) {
    lastHeard = now.boot
    switch content {
    case .hello: try greet(book: &book, outbox: &outbox, now: now)
    case .ask(let serial, let request):
      guard askSerials.take(serial) else { return }
      try tell(request, book.table, &outbox)
    case .want(let serial, let names):
      if wantSerials.take(serial) { exchange.owe(names) }
    case .offer(let serial, let elements):
      consider(serial, elements, book: &book, host: host, outbox: &outbox, now: now)
    case .give(let records):
      let salt = salt
      let taken = try exchange.receive(records, host: host) { salt.tag(SignerKey($0)) }
      report.received += taken.count
      outputs += taken.map { .record($0.bytes, $0.summary) }
      settle(taken.map(\.element), &outbox, now)
    case .none(let names):
      let gone = exchange.receive(absent: names)
      report.absent += gone.count
      settle(gone, &outbox, now)
    case .end:
      guard report.absent <= 16 || report.absent * 2 <= report.wanted else { throw .withheld }
      isFinished = true
      return
    case .state, .tell, .taken: throw .malformed
    }
    try proceed(&outbox, now)
  }

  private mutating func greet(
    book: inout SyncBook, outbox: inout SyncOutbox, now: Moment
  ) throws(SyncFault) {
    // Whoever asked something else knows the state.
    if let greetedAt, now.boot - greetedAt < Self.greetingPause || askSerials != SerialWindow() {
      return
    }
    if side == nil {
      side = SyncSide(
        method: method, salt: salt, floor: hello.floor, book: &book)
    }
    guard let side else {
      deadline = now.boot
      return
    }
    greetedAt = now.boot
    deadline = now.boot + limits.retry
    guard side.summary != hello.summary else {
      report.isEqual = true
      isFinished = true
      return outbox.send(message(.state(nil, answer: [])))
    }
    var answer = side.answer
    let answers = try answer.answer(hello.request, book.table)
    self.answer = answer
    outbox.send(message(.state(side.summary, answer: answers.first ?? [])))
    for answer in answers.dropFirst() { outbox.answer(message(.tell(answer))) }
  }

  private mutating func tell(
    _ request: [UInt8], _ table: RecordTable, _ outbox: inout SyncOutbox
  ) throws(SyncFault) {
    for answer in try answer?.answer(request, table) ?? [] { outbox.answer(message(.tell(answer))) }
  }

  private mutating func consider(
    _ serial: UInt16, _ elements: [SyncElement], book: inout SyncBook, host: some SyncHost,
    outbox: inout SyncOutbox, now: Moment
  ) {
    guard !takenSerials.contains(serial) else {
      return outbox.send(message(.taken(serial: serial)))
    }
    guard offers[serial] == nil, offers.count < Self.offerLimit else { return }
    let lower = RecordName.first(of: hello.floor)
    let lacking = elements.filter {
      $0.name >= lower && book.table.entry(of: $0, salt: salt) == nil
    }
    report.lacking += lacking.count
    let wanted = choice.choose(lacking, book: &book, host: host, now: now, report: &report)
    var coming: Set<SyncElement> = []
    for element in wanted where exchange.want(element) { coming.insert(element) }
    report.wanted += coming.count
    offers[serial] = coming
    settle([], &outbox, now)
  }

  /// Offers of which nothing more is to come are told to be dealt with.
  private mutating func settle(
    _ elements: [SyncElement], _ outbox: inout SyncOutbox, _ now: Moment
  ) {
    if !elements.isEmpty {
      attempts = 0
      deadline = now.boot + limits.retry
    }
    for (serial, rest) in offers {
      let rest = rest.subtracting(elements)
      if rest.isEmpty {
        offers[serial] = nil
        takenSerials.insert(serial)
        outbox.send(message(.taken(serial: serial)))
      } else {
        offers[serial] = rest
      }
    }
  }

  mutating func tick(
    book: inout SyncBook, outbox: inout SyncOutbox, now: Moment
  ) throws(SyncFault) {
    if side == nil { try greet(book: &book, outbox: &outbox, now: now) }
    guard now.boot - lastHeard < limits.idle else { throw .silent }
    if exchange.isAsking, now.boot >= deadline {
      attempts += 1
      deadline = now.boot + min(limits.retry * (1 << Int64(min(attempts, 16))), limits.retryLimit)
      for names in exchange.missing { try want(names, &outbox) }
    }
    try proceed(&outbox, now)
    if side != nil, !exchange.isAsking { deadline = lastHeard + limits.idle }
  }

  private mutating func want(
    _ names: [RecordName], _ outbox: inout SyncOutbox
  ) throws(SyncFault) {
    guard serial < .max else { throw .tooMany }
    serial += 1
    outbox.send(message(.want(serial: serial, names)))
  }

  private mutating func proceed(_ outbox: inout SyncOutbox, _ now: Moment) throws(SyncFault) {
    var names = exchange.nextWants(at: now.boot)
    if !names.isEmpty { deadline = now.boot + limits.retry }
    while !names.isEmpty {
      try want(names, &outbox)
      names = exchange.nextWants(at: now.boot)
    }
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
