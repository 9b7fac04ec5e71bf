import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: LSS and CLR.
@Suite("The loss signal")
struct LossSignalTests {
  /// Both sides and all records ever sent: any of them may arrive, in any order, any number of
  /// times, or never.
  private struct State: Hashable {
    var answer = ReductionAnswer()
    var reporter = LossReporter()
    /// The CLR bits of the sender's records and the LSS bits of the receiver's.
    var sent: [Bool] = []
    var returned: [Bool] = []
    /// The newest record of each direction whose flags were read.
    var readBySender = -1
    var readByReceiver = -1
    var eventsLeft = 2
    var events = 0
    var reductions = 0
  }

  private static let recordLimit = 5

  private func successors(_ state: State) -> [State] {
    var next: [State] = []
    if state.sent.count < Self.recordLimit {
      var other = state
      other.sent.append(state.answer.clr)
      next.append(other)
    }
    if state.returned.count < Self.recordLimit {
      var other = state
      other.returned.append(state.reporter.lss)
      next.append(other)
    }
    if state.eventsLeft > 0, state.reporter.phase == .idle {
      var other = state
      _ = other.reporter.loss(of: UInt64(state.sent.count))
      other.eventsLeft -= 1
      other.events += 1
      next.append(other)
    }
    for (place, clr) in state.sent.enumerated() where place > state.readByReceiver {
      var other = state
      _ = other.reporter.see(clr: clr, counter: UInt64(place))
      other.readByReceiver = place
      next.append(other)
    }
    for (place, lss) in state.returned.enumerated() where place > state.readBySender {
      var other = state
      if other.answer.see(lss: lss) == .reduce { other.reductions += 1 }
      other.readBySender = place
      next.append(other)
    }
    return next
  }

  @Test("makes exactly one reduction of each event, whatever is lost, doubled or reordered")
  func isExact() {
    var seen: Set<State> = [State()]
    var queue = [State()]
    while let state = queue.popLast() {
      for next in successors(state) where seen.insert(next).inserted {
        guard next.reductions <= next.events,
          next.reporter.phase == .signalling || next.events == next.reductions
        else {
          Issue.record("\(next)")
          return
        }
        queue.append(next)
      }
    }
    #expect(seen.count > 5_000)
  }

  @Test("is raised again at once for a loss after the answered event, not for one before it")
  func pending() {
    for (counter, raises): (UInt64, Bool) in [(59, false), (60, true), (75, true)] {
      var reporter = LossReporter()
      _ = reporter.see(clr: false, counter: 1)
      let signals = reporter.loss(of: 40)
      let clears = reporter.see(clr: true, counter: 60)
      #expect(signals && clears && !reporter.lss)
      let signalsEarly = reporter.loss(of: counter)
      #expect(!signalsEarly)
      let changes = reporter.see(clr: false, counter: 80)
      #expect(changes == raises && reporter.lss == raises)
    }
  }
}

@Suite("The loss detector")
struct LossDetectorTests {
  /// The definition, slowly: each missing counter with the time when a higher one first came.
  private struct Oracle {
    var next: UInt64 = 0
    var missing: [UInt64: Timestamp] = [:]
    var declared: [UInt64: Timestamp] = [:]
    var lost = 0
    /// 10 ms, or 1.25 times as long as the latest of those declared lost came late, up to 40 ms.
    var window = Interval.milliseconds(10)

    mutating func arrived(_ counter: UInt64, at now: Timestamp) {
      missing[counter] = nil
      if let since = declared.removeValue(forKey: counter) {
        window = max(window, min((now - since) * 5 / 4, .milliseconds(40)))
      }
      while next < counter {
        missing[next] = now
        next += 1
      }
      next = max(next, counter + 1)
    }

    mutating func expire(at now: Timestamp) {
      let over = missing.filter { now - $0.value >= window }
      lost += over.count
      for (counter, since) in over {
        missing[counter] = nil
        declared[counter] = since
      }
    }
  }

  @Test("declares what a slow oracle declares, over random loss and reordering", arguments: 0..<20)
  func matchesOracle(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var detector = LossDetector()
    var oracle = Oracle()
    var late: [UInt64] = []
    var now = Moment.after(0).boot
    for counter in UInt64(0)..<3_000 {
      now = now + .microseconds(Int64.random(in: 100...2_000, using: &random))
      _ = detector.expire(at: now, minimumRoundTrip: .milliseconds(40))
      oracle.expire(at: now)
      #expect(detector.lost == UInt64(oracle.lost))
      #expect(
        detector.deadline(minimumRoundTrip: .milliseconds(40))
          == oracle.missing.values.min().map { $0 + oracle.window })
      switch random.next() % 20 {
      case 0: continue
      case 1: late.append(counter)
      default:
        _ = detector.arrived(counter, at: now, smoothed: .milliseconds(40))
        oracle.arrived(counter, at: now)
      }
      if let first = late.first, random.next() % 8 == 0 {
        late.removeFirst()
        _ = detector.arrived(first, at: now, smoothed: .milliseconds(40))
        oracle.arrived(first, at: now)
      }
    }
    #expect(detector.lost > 50)
  }

  @Test("remembers no more than 64 gaps: the oldest counts as lost then")
  func isBounded() {
    var detector = LossDetector()
    let now = Moment.after(0).boot
    for counter in stride(from: UInt64(1), to: 1_001, by: 2) {
      let overflow = detector.arrived(counter, at: now)
      #expect(detector.gaps.count <= LossDetector.gapLimit)
      #expect((overflow != nil) == (counter / 2 >= 64))
    }
    #expect(detector.lost == 500 - 64)
  }

  @Test("counts a record that comes after it was declared lost as spurious")
  func spurious() {
    var detector = LossDetector()
    let now = Moment.after(0).boot
    _ = detector.arrived(0, at: now)
    _ = detector.arrived(2, at: now)
    let highest = detector.expire(at: now + .milliseconds(100), minimumRoundTrip: nil)
    #expect(highest == 1)
    _ = detector.arrived(1, at: now + .milliseconds(101))
    #expect(detector.spurious == 1 && detector.lost == 1)
  }

  /// Gaps of one record each, of which `late` come so much later than the next one.
  private func deadline(
    after late: [Interval], events: Int, smoothed: Interval = .milliseconds(40)
  ) -> Interval? {
    var detector = LossDetector()
    var now = Moment.after(0).boot
    _ = detector.arrived(0, at: now)
    var counter: UInt64 = 1
    for lateness in late {
      _ = detector.arrived(counter + 1, at: now)
      _ = detector.expire(at: now + lateness, minimumRoundTrip: .milliseconds(40))
      _ = detector.arrived(counter, at: now + lateness, smoothed: smoothed)
      now = now + lateness
      counter += 2
    }
    for _ in 0..<events { detector.beginEvent(isLoss: true) }
    _ = detector.arrived(counter + 1, at: now)
    return detector.deadline(minimumRoundTrip: .milliseconds(40)).map { $0 - now }
  }

  @Test("waits 1.25 times as long as records came late, at most a round trip, for 16 events")
  func widens() {
    #expect(deadline(after: [.milliseconds(9)], events: 0) == .milliseconds(10), "not late")
    #expect(deadline(after: [.milliseconds(16)], events: 0) == .milliseconds(20))
    #expect(
      deadline(after: [.milliseconds(24), .milliseconds(16)], events: 0) == .milliseconds(30))
    #expect(deadline(after: [.milliseconds(36)], events: 0) == .milliseconds(40))
    #expect(deadline(after: [.milliseconds(16)], events: 16) == .milliseconds(20))
    #expect(deadline(after: [.milliseconds(16)], events: 17) == .milliseconds(10))
  }

  @Test("says so while all that was lost in the last event has come, and not before")
  func saysSpurious() {
    var detector = LossDetector()
    let now = Moment.after(0).boot
    for counter in [0, 3, 5] as [UInt64] { _ = detector.arrived(counter, at: now) }
    _ = detector.expire(at: now + .milliseconds(100), minimumRoundTrip: nil)
    detector.beginEvent(isLoss: true)
    for counter in [2, 4] as [UInt64] {
      _ = detector.arrived(counter, at: now + .milliseconds(101))
      #expect(!detector.isSpurious)
    }
    _ = detector.arrived(1, at: now + .milliseconds(102))
    #expect(detector.isSpurious)
    detector.endEvent(below: 8)
    #expect(detector.isSpurious, "the report of it may get lost")
    _ = detector.arrived(9, at: now + .milliseconds(200))
    _ = detector.expire(at: now + .milliseconds(300), minimumRoundTrip: nil)
    #expect(!detector.isSpurious)
    _ = detector.arrived(8, at: now + .milliseconds(301))
    #expect(detector.isSpurious)
    detector.beginEvent(isLoss: false)
    #expect(!detector.isSpurious, "Congestion Experienced is never")
  }
}
