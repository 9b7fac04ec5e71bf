import IPv8Crypto
import IPv8Sync
import IPv8Wire

extension Directory {
  /// A session with the peer is open. What was under way when the last one ended goes on.
  ///
  /// - Parameter pairSecret: that both peers have and nobody else, the same after each reconnection.
  public mutating func connected(_ peer: PermID, pairSecret: SecretBytes, at now: Moment) {
    let standing = standing(of: peer)
    guard peer != own, standing != .blocked,
      let (index, isResumed) = links.connect(
        peer, salt: SyncSalt(secret: pairSecret), isStranger: standing == .stranger, at: now)
    else { return }
    _ = links.note(StandingClass(standing), of: index, at: now)
    let first: Interval = own < peer ? .milliseconds(10) : ScopeSchedule.courtesy
    for scope in SyncScope.allCases {
      let place = Int(scope.rawValue)
      let stagger = Interval.milliseconds(scope == .bindings ? 300 : 20 * Int64(place))
      links[index].schedules[place].tell(after: first + stagger, at: now.boot)
      if isResumed { run(index, scope, at: now) { $0.resume(book: &$1, host: $2, now: now) } }
    }
    links[index].refreshDeadline(at: now)
    settle(at: now)
  }

  public mutating func disconnected(_ peer: PermID, at now: Moment) {
    guard let index = links[peer] else { return }
    links.disconnect(index, at: now)
  }

  /// Takes the body of a control frame of kind `sync`, `query` or `answer` of a connected peer; others
  /// are ignored.
  public mutating func receive(
    _ body: [UInt8], kind: ControlFrame.Kind, from peer: PermID, at now: Moment
  ) {
    guard let index = links[peer], links[index].isConnected, body.count <= ControlFrame.bodyLimit
    else { return }
    switch kind {
    case .sync:
      run(index, SyncScope(message: body), at: now) {
        $0.receive(body, book: &$1, host: $2, now: now)
      }
    case .query: receiveQuery(body, from: index, at: now)
    case .answer: receiveAnswer(body, from: index, at: now)
    default: return
    }
    settle(at: now)
  }

  /// Lets a session work, and does what it says.
  mutating func run(
    _ index: Int, _ scope: SyncScope, at now: Moment,
    _ body: (inout SyncSession, inout SyncBook, BookHost) -> Void
  ) {
    work(index, scope, at: now, body)
    drain(index, scope, at: now)
  }

  /// The host shares the tables' memory, and is gone before anything changes them.
  private mutating func work(
    _ index: Int, _ scope: SyncScope, at now: Moment,
    _ body: (inout SyncSession, inout SyncBook, BookHost) -> Void
  ) {
    let host = BookHost(scope, self, at: now)
    body(&links[index].sessions[Int(scope.rawValue)], &books[scope], host)
  }

  mutating func drain(_ index: Int, _ scope: SyncScope, at now: Moment) {
    let place = Int(scope.rawValue)
    let peer = links.peer(index)
    for output in links[index].sessions[place].takeOutputs() {
      switch output {
      case .send(let body): send(ControlFrame(.sync, body: body), to: peer)
      case .record(let bytes, _): _ = take(Offer(bytes: bytes, source: .peer(peer)), at: now)
      case .finished(let report):
        counters.sessions += 1
        if report.isEqual { counters.equalSessions += 1 }
        if report.fault != nil { counters.failedSessions += 1 }
        links[index].schedules[place].finished(report, jitter: random.next(), at: now.boot)
      }
    }
    links[index].refreshDeadline(at: now)
  }

  /// Coarse time from which on bindings are hot: one to two hours ago, the same for 68 minutes, so that
  /// what is kept for a pair serves for that long.
  static func hotFloor(at now: WallTime) -> UInt32 {
    let time = RecordName.time(of: now)
    return time < 64 ? 0 : (time / 64 - 1) * 64
  }

  mutating func noteNews(_ scope: SyncScope, from source: RecordSource, at now: Timestamp) {
    news.note(scope, from: source)
  }

  /// Peers are told soon of what came.
  private mutating func tellNews(at now: Moment) {
    for (scope, source) in news.take() {
      for index in links.connected where links.peer(index) != source {
        let place = Int(scope.rawValue)
        let delay = Interval.milliseconds(100 + Int64(random.next() % 200))
        guard links[index].schedules[place].due > now.boot + delay else { continue }
        links[index].schedules[place].tell(after: delay, at: now.boot)
        links[index].deadline = min(
          links[index].deadline, links[index].schedules[place].due)
      }
    }
  }

  /// What follows from a call, whatever it was.
  mutating func settle(at now: Moment) { tellNews(at: now) }

  /// Does what is due.
  public mutating func tick(at now: Moment) {
    verifyWaiting(at: now)
    offerPending(at: now)
    if let scoresDue, scoresDue <= now.boot { refreshScores(at: now) }
    tickQueries(at: now)
    for index in links.connected where links[index].deadline <= now.boot { tick(index, at: now) }
    sweepExpired(at: now)
    if now.boot - capacity.reconsidered >= .seconds(600) {
      capacity.reconsidered = now.boot
      books.reconsider(before: now.wall)
    }
    settle(at: now)
  }

  private mutating func tick(_ index: Int, at now: Moment) {
    for scope in SyncScope.allCases {
      let place = Int(scope.rawValue)
      if links[index].sessions[place].deadline(after: now) <= now.boot {
        run(index, scope, at: now) { $0.tick(book: &$1, host: $2, now: now) }
      }
      guard links[index].schedules[place].due <= now.boot,
        !links[index].sessions[place].isAsking
      else { continue }
      begin(index, scope, at: now)
    }
    links[index].refreshDeadline(at: now)
  }

  private mutating func begin(_ index: Int, _ scope: SyncScope, at now: Moment) {
    let place = Int(scope.rawValue)
    guard links.askings(scope, at: now.boot) < DirectoryLimits.askings else {
      links[index].schedules[place].due = now.boot + .milliseconds(50)
      return
    }
    guard links[index].schedules[place].begins(at: now.boot) else { return }
    let session = scope.session(random.next())
    let floor = scope == .hot ? Self.hotFloor(at: now.wall) : 0
    let method = method(index, scope)
    run(index, scope, at: now) {
      $0.begin(session: session, floor: floor, method: method, book: &$1, host: $2, now: now)
    }
  }

  /// Ranges for a first session and after too many differences, for proofs, for tables so small that a
  /// sketch would outweigh them, and where sketches would cost too much (docs/decisions/reconciliation.md).
  private func method(_ index: Int, _ scope: SyncScope) -> SyncMethod {
    if scope == .contradictions || settings.sketchedPeers == 0 { return .ranges }
    if links[index].schedules[Int(scope.rawValue)].usesRanges, scope != .hot { return .ranges }
    let count = books[scope].table.count
    if count < DirectoryLimits.smallTable { return .ranges }
    let isLarge = count > DirectoryLimits.largeTable
    return isLarge && links.connectedCount > settings.sketchedPeers ? .ranges : .rateless
  }

  /// This host's own binding is told once others take it.
  private mutating func offerPending(at now: Moment) {
    guard let bytes = pendingOwn, table.rows[0].admitsChange(at: now.boot) else { return }
    pendingOwn = nil
    _ = take(Offer(bytes: bytes, source: .own), at: now)
  }

  /// When ``tick(at:)`` is due.
  public func deadline(after now: Moment) -> Timestamp {
    var deadline = min(links.deadline, queries.deadline)
    if let scoresDue { deadline = min(deadline, scoresDue) }
    if waiting.count > 0 { deadline = min(deadline, now.boot + .milliseconds(10)) }
    if pendingOwn != nil { deadline = min(deadline, table.rows[0].nextChange) }
    if !table.bindings.isEmpty { deadline = min(deadline, sweep.due ?? now.boot) }
    return deadline
  }
}

extension SyncScope {
  /// Where news of a binding of that time is told.
  init(ofBindingAt timestamp: WallTime, at now: Moment) {
    self =
      RecordName.time(of: timestamp) >= Directory.hotFloor(at: now.wall) ? .hot : .bindings
  }
}
