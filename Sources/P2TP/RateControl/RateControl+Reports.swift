import IPv8Wire

extension RateControl {
  /// The cumulative counts of a report, modulo 2³².
  struct Counts: Sendable, Equatable {
    var received: UInt32 = 0
    var lost: UInt32 = 0
    var congestionExperienced: UInt32 = 0
    /// Of those lost, how many were written off before.
    var writtenOff: UInt32 = 0
  }

  /// What a reduction that was not called for is taken back to.
  struct Undo: Sendable {
    enum Cause: Sendable { case loss, timeout }
    let window: CubicWindow
    let cause: Cause
    /// The first counter sent after it.
    let counter: UInt64
  }

  /// Losses that a timeout has answered already.
  struct WrittenOffLosses: Sendable {
    /// Records that were out at the timeout and may yet be reported lost.
    var records: UInt64 = 0
    /// Once this counter was reported, they are only for a while.
    var point: UInt64 = 0
    var until = Timestamp.distantFuture
  }

  /// How long after the first report behind a timeout the losses before it may be told.
  static let lateLosses = Interval.milliseconds(200)

  /// Takes what the inbound side learnt of the records sent.
  ///
  /// - Parameter signal: what the peer's LSS bit asks for.
  mutating func learn(
    _ report: Feedback?, _ samples: Reception.RoundTrips?, signal: ReductionAnswer.Outcome,
    at now: Timestamp
  ) {
    let wasLimited = isLimited
    let news = report.flatMap { read($0, at: now) }
    let samples = isOnPath ? samples : nil
    if let samples { take(samples) }
    if signal == .reduce { reduce(at: now) }
    if signal == .changed { atEvent = last }
    if let report, news != nil, signal != .reduce, report.flags & 1 != 0 { takeBack(.loss) }
    if let news, signal != .reduce { grow(news.arrived, highest: news.highest, at: now) }
    if let samples, signal != .reduce, news != nil, isControlled, heedsQueue {
      drain(samples.least, isLimited: wasLimited, at: now)
    }
    repace()
  }

  /// Keeps the queue at the bottleneck short, if it is ours.
  private mutating func drain(_ sample: Interval, isLimited: Bool, at now: Timestamp) {
    guard let smoothed = roundTrip.smoothed else { return }
    let isSteady = isLimited && sent.base.counter >= recoveryPoint
    switch standing.advise(
      sample, smoothed: smoothed, window: window, isLimited: isSteady, at: now)
    {
    case .none: break
    case .drain(let size): window.cut(to: size)
    case .settle(let size): window.settle(at: size)
    case .restore(let before):
      restore(before)
      window.compete()
    }
  }

  private mutating func restore(_ before: CubicWindow) {
    let flows = window.flows
    window = before
    window.flows = flows
  }

  /// Whether something that was sent by the present path was reported: what is told before that is of
  /// another.
  private var isOnPath: Bool { pathStart == 0 || sent.base.counter > pathStart }

  private mutating func take(_ samples: Reception.RoundTrips) {
    roundTrip.sample(samples.latest)
    if window.isSlowStart { rounds.sample(samples.count, least: samples.least) }
  }

  /// The counts of a report, and the bytes of data that arrived by it; nil for one that is older than
  /// another, or says what cannot be.
  private mutating func read(
    _ report: Feedback, at now: Timestamp
  ) -> (highest: UInt64, arrived: Double)? {
    guard let highest = sent.expand(report.highest), highest + 1 >= sent.base.counter,
      Int32(bitPattern: report.received &- last.received) >= 0
    else { return nil }
    let received = report.received &- last.received
    let lost = report.lost &- last.lost
    last.received = report.received
    last.lost = report.lost
    last.congestionExperienced = report.congestionExperienced
    if isControlled { validation.report(highest, received: report.received, lost: report.lost) }
    excuse(lost, highest: highest, at: now)
    let bytes = sent.acknowledge(highest)
    if bytes > 0 { progress(highest, at: now) }
    let total = Double(received) + Double(lost)
    guard isOnPath else { return (highest, 0) }
    let arrived = total > 0 ? Double(bytes) * Double(received) / total : 0
    delivery.note(UInt64(arrived), roundTrip: roundTrip.smoothed ?? .zero, at: now)
    return (highest, arrived)
  }

  private mutating func excuse(_ lost: UInt32, highest: UInt64, at now: Timestamp) {
    guard writtenOffLosses.records > 0 else { return }
    if now > writtenOffLosses.until {
      writtenOffLosses.records = 0
      return
    }
    let excused = min(UInt64(lost), writtenOffLosses.records)
    writtenOffLosses.records -= excused
    last.writtenOff &+= UInt32(excused)
    if highest >= writtenOffLosses.point, writtenOffLosses.until == .distantFuture {
      let patience = max(Self.lateLosses, (roundTrip.smoothed ?? .zero) * 2)
      writtenOffLosses.until = now + patience
    }
  }

  private mutating func progress(_ highest: UInt64, at now: Timestamp) {
    timeoutsInRow = 0
    outSince = bytesInFlight > 0 ? now : nil
    // Records from before the timeout arrived after all.
    if let undo, undo.cause == .timeout {
      if highest < undo.counter { takeBack(.timeout) } else { self.undo = nil }
    }
  }

  private mutating func grow(_ arrived: Double, highest: UInt64, at now: Timestamp) {
    let isUsed = isLimited
    wasBacklogged = isBacklogged
    peakInFlight = bytesInFlight
    account(isUsed: isUsed, at: now)
    let isFirst = window.threshold == .infinity
    let isOver = isFirst && rounds.acknowledged(highest, next: sent.next.counter)
    guard isControlled, arrived > 0, !standing.isDraining else { return }
    // Of several flows only one has lost something, and does not grow before that is over.
    let share = highest >= recoveryPoint ? 1 : (window.flows - 1) / window.flows
    let packets = arrived / Double(segment) * share
    if isUsed, window.isSlowStart {
      window.start(packets, share: isFirst ? rounds.share : 1)
    } else if isUsed, let smoothed = roundTrip.smoothed {
      window.grow(packets, roundTrip: smoothed, at: now)
    }
    if isOver { window.endSlowStart() }
  }

  // MARK: Events

  /// The receiver signalled an event: one reduction, smaller where nothing was lost.
  private mutating func reduce(at now: Timestamp) {
    reductions += 1
    let lost = last.lost &- atEvent.lost
    let excused = last.writtenOff &- atEvent.writtenOff
    let marked = last.congestionExperienced != atEvent.congestionExperienced
    guard isControlled, marked || !isAnswered(lost, excused) else { return }
    if let before = standing.interrupt(at: now) { restore(before) }
    recoveryPoint = sent.next.counter
    if marked, lost == excused {
      congestionReductions += 1
      undo = nil
      window.reduce(CubicWindow.congestionFactor, at: now)
    } else {
      undo = Undo(window: window, cause: .loss, counter: sent.next.counter)
      window.reduce(CubicWindow.lossFactor, at: now)
    }
  }

  /// Whether a timeout has answered all that was lost in this event.
  private func isAnswered(_ lost: UInt32, _ excused: UInt32) -> Bool {
    lost == 0 ? writtenOffLosses.records > 0 : lost <= excused
  }

  /// Nothing was lost: as before the reduction (RFC 9438 §4.9).
  private mutating func takeBack(_ cause: Undo.Cause) {
    guard let undo, undo.cause == cause else { return }
    self.undo = nil
    guard window.window < undo.window.window else { return }
    undone += 1
    recoveryPoint = 0
    restore(undo.window)
  }

  /// When ``expire(at:)`` has something to do.
  var timeoutDue: Timestamp? {
    isControlled && bytesInFlight > 0 ? outSince.map { $0 + timeout } : nil
  }

  /// Nothing of what is out was reported for the timeout: it is waited for no longer. The window
  /// collapses, where it was used; where it was not, the last records of a few may have been lost.
  mutating func expire(at now: Timestamp) {
    guard let due = timeoutDue, due <= now else { return }
    timeouts += 1
    if let before = standing.interrupt(at: now) { restore(before) }
    writtenOffLosses = WrittenOffLosses(
      records: sent.next.counter - sent.base.counter, point: sent.next.counter)
    validation.fail()
    if isLimited {
      if timeoutsInRow == 0 {
        undo = Undo(window: window, cause: .timeout, counter: sent.next.counter)
      }
      window.collapse(isRepeated: timeoutsInRow > 0, isAlone: standing.isAlone)
    } else {
      window.shrink(to: CubicWindow.initial)
    }
    timeoutsInRow += 1
    forgetInFlight(at: now)
  }

  private mutating func forgetInFlight(at now: Timestamp) {
    writtenOff = sent.next.bytes
    outSince = nil
    peakInFlight = 0
    recoveryPoint = 0
    drainedAt = now
    repace()
  }

  /// The session's datagrams go another way.
  ///
  /// - Parameter isRebinding: only a port changed, as when a NAT forgets: the path is the same.
  mutating func pathChanged(isRebinding: Bool, at now: Timestamp) {
    guard !isRebinding else { return }
    let flows = window.flows
    window = CubicWindow()
    window.flows = flows
    rounds = SlowStartRounds()
    roundTrip = RoundTrip()
    delivery = DeliveryRate()
    standing = StandingQueue()
    validation.restart(at: sent.next.counter, received: last.received, lost: last.lost)
    writtenOffLosses = WrittenOffLosses(
      records: sent.next.counter - sent.base.counter, point: sent.next.counter)
    undo = nil
    timeoutsInRow = 0
    pathStart = sent.next.counter
    forgetInFlight(at: now)
  }
}
