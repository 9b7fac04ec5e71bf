public import IPv8Wire

/// Synchronisation of one scope with one peer (docs/protocol/sync.md): messages and time in,
/// messages, records and reports out. At most one session that this host began and one that the
/// peer began are alive.
public struct SyncSession: Sendable {
  /// How soon what the rates hold back is tried again.
  private static let backlogPause = Interval.milliseconds(20)

  private let salt: SyncSalt
  private let scope: UInt8
  private let limits: SyncLimits
  private var outbox: SyncOutbox
  private var asker: SyncAsker?
  private var answerer: SyncAnswerer?
  /// Messages with records that wait for the rate.
  private var held: [SyncMessage] = []
  private var outputs: [SyncOutput] = []
  private var hasBacklog = false
  private var conduct: PeerConduct

  /// - Parameter salt: of this pair of peers.
  public init(salt: SyncSalt, scope: UInt8, limits: SyncLimits = SyncLimits()) {
    self.salt = salt
    self.scope = scope
    self.limits = limits
    outbox = SyncOutbox(limits)
    conduct = PeerConduct(limits)
  }

  public var isAsking: Bool { asker != nil }
  public var isAnswering: Bool { answerer != nil }

  /// When ``tick(book:host:now:)`` has something to do.
  public func deadline(after now: Moment) -> Timestamp {
    if hasBacklog { return now.boot + Self.backlogPause }
    return min(asker?.deadline ?? .distantFuture, answerer?.deadline ?? .distantFuture)
  }

  /// Begins a session, where none is alive that this host began.
  ///
  /// - Parameters:
  ///   - session: any number, not guessable.
  ///   - floor: the first coarse time that counts (``RecordName/time``); 0 for the full table.
  public mutating func begin(
    session: UInt32, floor: UInt32 = 0, method: SyncMethod = .rateless, book: inout SyncBook,
    host: some SyncHost, now: Moment
  ) {
    guard asker == nil, !conduct.isBarred(at: now.boot) else { return }
    asker = SyncAsker(
      session: session, scope: scope, floor: floor, method: method, salt: salt, limits: limits,
      now: now)
    tick(book: &book, host: host, now: now)
  }

  /// After an interruption: what is alive goes on where it was.
  public mutating func resume(book: inout SyncBook, host: some SyncHost, now: Moment) {
    asker?.resume(at: now)
    answerer?.resume(at: now)
    tick(book: &book, host: host, now: now)
  }

  /// A record of the peer's had a signature that is none.
  public mutating func noteForgery(at now: Moment) {
    conduct.noteOffence(at: now.boot)
    if conduct.isBarred(at: now.boot) { fail(.forged, at: now) }
  }

  /// Whether nothing is synchronised with the peer for what it did.
  public func isBarred(at now: Moment) -> Bool { conduct.isBarred(at: now.boot) }

  /// The outputs since the last call.
  public mutating func takeOutputs() -> [SyncOutput] {
    defer { outputs = [] }
    return outputs
  }

  /// Takes the body of a control frame of kind `sync`.
  public mutating func receive(
    _ body: [UInt8], book: inout SyncBook, host: some SyncHost, now: Moment
  ) {
    guard let message = SyncMessage(body) else {
      if asker == nil, answerer == nil { conduct.noteOffence(at: now.boot) }
      fail(.malformed, at: now)
      return
    }
    if message.isFromAnswerer {
      receiveAsAsker(message, book: &book, host: host, now: now)
    } else {
      receiveAsAnswerer(message, book: &book, host: host, now: now)
    }
    flush(book: book, host: host, now: now)
  }

  private mutating func receiveAsAsker(
    _ message: SyncMessage, book: inout SyncBook, host: some SyncHost, now: Moment
  ) {
    // Of a session that is over only late messages come; to answer them would have no end.
    guard asker?.session == message.session else { return }
    do throws(SyncFault) {
      try asker?.receive(
        message.content, book: &book, host: host, outbox: &outbox, outputs: &outputs, now: now)
      finishAsker()
    } catch {
      failAsker(error, at: now)
    }
  }

  private mutating func receiveAsAnswerer(
    _ message: SyncMessage, book: inout SyncBook, host: some SyncHost, now: Moment
  ) {
    if answerer?.session != message.session {
      guard case .hello(let hello) = message.content else {
        guard message.content != .end(.done) else { return }
        return outbox.send(SyncMessage(message.session, isFromAnswerer: true, .end(.unknown)))
      }
      guard hello.mark == salt.mark else {
        return outbox.send(SyncMessage(message.session, isFromAnswerer: true, .end(.otherSalt)))
      }
      guard hello.scope == scope, let method = SyncMethod(rawValue: hello.method) else {
        return outbox.send(SyncMessage(message.session, isFromAnswerer: true, .end(.unsupported)))
      }
      guard conduct.admits(at: now.boot) else {
        return outbox.send(SyncMessage(message.session, isFromAnswerer: true, .end(.busy)))
      }
      if let answerer { outputs.append(.finished(answerer.report)) }
      outbox.dropAnswers()
      answerer = SyncAnswerer(
        session: message.session, hello: hello, method: method, salt: salt, limits: limits,
        now: now)
    }
    do throws(SyncFault) {
      try answerer?.receive(
        message.content, book: &book, host: host, outbox: &outbox, outputs: &outputs, now: now)
      finishAnswerer()
    } catch {
      failAnswerer(error, at: now)
    }
  }

  /// Does what is due at `now`.
  public mutating func tick(book: inout SyncBook, host: some SyncHost, now: Moment) {
    do throws(SyncFault) {
      try asker?.tick(book: &book, outbox: &outbox, now: now)
      finishAsker()
    } catch {
      failAsker(error, at: now)
    }
    do throws(SyncFault) {
      try answerer?.tick(book: &book, outbox: &outbox, now: now)
      finishAnswerer()
    } catch {
      failAnswerer(error, at: now)
    }
    flush(book: book, host: host, now: now)
  }

  private mutating func finishAsker() {
    guard let asker, asker.isFinished else { return }
    outputs.append(.finished(asker.report))
    self.asker = nil
  }

  private mutating func finishAnswerer() {
    guard let answerer, answerer.isFinished else { return }
    outputs.append(.finished(answerer.report))
    self.answerer = nil
  }

  private mutating func failAsker(_ fault: SyncFault, at now: Moment) {
    guard let session = asker?.session else { return }
    asker?.fail(fault)
    if fault.isHostile {
      conduct.noteOffence(at: now.boot)
      outbox.send(SyncMessage(session, isFromAnswerer: false, .end(.fault)))
    }
    held = []
    finishAsker()
  }

  private mutating func failAnswerer(_ fault: SyncFault, at now: Moment) {
    guard let session = answerer?.session else { return }
    answerer?.fail(fault)
    if fault.isHostile {
      conduct.noteOffence(at: now.boot)
      outbox.send(SyncMessage(session, isFromAnswerer: true, .end(.fault)))
    }
    held = []
    outbox.dropAnswers()
    finishAnswerer()
  }

  /// Nothing of this peer's goes on.
  private mutating func fail(_ fault: SyncFault, at now: Moment) {
    failAsker(fault, at: now)
    failAnswerer(fault, at: now)
  }

  private mutating func flush(book: SyncBook, host: some SyncHost, now: Moment) {
    while let message = outbox.next(at: now.boot) { outputs.append(.send(message)) }
    while outbox.isEmpty, let message = nextHeld(book: book, host: host) {
      let body = message.body
      guard outbox.take(body, at: now.boot) else { break }
      held.removeFirst()
      outputs.append(.send(body))
    }
    let owes = asker?.exchange.owes ?? false || answerer?.exchange.owes ?? false
    let wants = asker?.exchange.wantsMore ?? false || answerer?.exchange.wantsMore ?? false
    hasBacklog = !outbox.isEmpty || !held.isEmpty || owes || wants
  }

  private mutating func nextHeld(book: SyncBook, host: some SyncHost) -> SyncMessage? {
    if held.isEmpty { held = asker?.give(host: host, table: book.table) ?? [] }
    if held.isEmpty { held = answerer?.give(host: host, table: book.table) ?? [] }
    return held.first
  }
}
