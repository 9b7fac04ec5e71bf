import IPv8Wire

@testable import P2TP

/// One sender of data and its receiver, wired as the two sides of a session are.
final class RateFlow {
  enum Source {
    case bulk
    /// Bits per second.
    case steady(Double)
    case silent
  }

  private struct Record {
    var arrival: Timestamp
    let counter: UInt64
    let sentAt: Timestamp
    /// Of data.
    let bytes: Int
    let clr: Bool
    let isMarked: Bool
  }

  private struct Report {
    let arrival: Timestamp
    let feedback: Feedback
    let lss: Bool
    /// When the newest record left, and how long the receiver kept its timestamp.
    let echo: (sentAt: Timestamp, held: Interval)?
  }

  static let recordBytes = 1_400

  var source = Source.bulk
  /// Records that leave together.
  var batch = 1
  private var steadyAt: Timestamp?

  /// Without it the receiver takes what comes late for lost, as if it knew no better.
  var heedsLateness = true

  /// Without it nothing but loss governs the window.
  var heedsQueue = true {
    didSet { rate.heedsQueue = heedsQueue }
  }

  // The sender of data.
  var rate: RateControl
  private var answer = ReductionAnswer()
  private var counter: UInt64 = 0
  private(set) var delivered = 0
  /// What the window was at each report, in packets.
  private(set) var windows: (sum: Double, count: Double) = (0, 0)

  // Its receiver.
  private var detector = LossDetector()
  private var reporter = LossReporter()
  private var cadence = FeedbackCadence()
  private var roundTrip = RoundTrip()
  private var received: UInt32 = 0
  private var congestionExperienced: UInt32 = 0
  private var highest: UInt64?
  private var readBelow: UInt64 = 0
  private var owed: (sentAt: Timestamp, arrived: Timestamp)?
  private var unreported: UInt32 = 0
  private var reportBy = Timestamp.distantFuture
  private(set) var reports = 0

  // On their way.
  private var records = RateQueue<Record>()
  private var returning = RateQueue<Report>()

  init(_ mode: RateControl.Mode) { rate = RateControl(mode: mode) }

  func forgetWindows() { windows = (0, 0) }
  var averageWindow: Double { windows.sum / max(windows.count, 1) }
  var lost: UInt64 { detector.lost }

  func nextDeadline(at now: Timestamp) -> Timestamp {
    var due = min(records.first?.arrival ?? .distantFuture, reportBy)
    due = min(due, returning.first?.arrival ?? .distantFuture)
    due = min(due, detector.deadline(minimumRoundTrip: roundTrip.minimum) ?? .distantFuture)
    due = min(due, rate.timeoutDue ?? .distantFuture)
    return min(due, max(departure(at: now), now))
  }

  private func departure(at now: Timestamp) -> Timestamp {
    switch source {
    case .silent: .distantFuture
    case .bulk: rate.departure(of: batch * Self.recordBytes, at: now)
    case .steady: max(steadyAt ?? now, rate.departure(of: Self.recordBytes, at: now))
    }
  }

  func advance(to now: Timestamp, over link: inout RateLink) {
    rate.expire(at: now)
    while let record = records.first, record.arrival <= now {
      records.removeFirst()
      receive(record, at: now)
    }
    let overdue = detector.expire(at: now, minimumRoundTrip: roundTrip.minimum)
    if let overdue { lose(overdue) }
    if reportBy <= now { report(at: now, over: &link) }
    while let report = returning.first, report.arrival <= now {
      returning.removeFirst()
      learn(report, at: now, over: &link)
    }
    if case .bulk = source { rate.noteBacklog(true) } else { rate.noteBacklog(false) }
    guard departure(at: now) <= now else { return }
    for _ in 0..<batch { send(isData: true, at: now, over: &link) }
    if case .steady(let bits) = source {
      steadyAt =
        (steadyAt ?? now)
        + Interval(nanoseconds: Int64(Double(Self.recordBytes) * 8e9 / bits))
    } else {
      steadyAt = nil
    }
  }

  private func send(isData: Bool, at now: Timestamp, over link: inout RateLink) {
    let bytes = isData ? Self.recordBytes : 64
    rate.noteSent(counter, bytes, isData: isData, at: now)
    if let (arrival, isMarked) = link.carry(bytes, at: now) {
      records.insert(
        Record(
          arrival: arrival, counter: counter, sentAt: now, bytes: isData ? bytes : 0,
          clr: answer.clr, isMarked: isMarked)
      ) { $0.arrival }
    }
    counter += 1
  }

  private func receive(_ record: Record, at now: Timestamp) {
    received &+= 1
    delivered += record.bytes
    if let lost = detector.arrived(
      record.counter, at: now, smoothed: heedsLateness ? roundTrip.smoothed : .zero)
    {
      lose(lost)
    }
    if record.isMarked {
      congestionExperienced &+= 1
      if reporter.loss(of: record.counter) {
        detector.beginEvent(isLoss: false)
        reportBy = now
      }
    }
    if record.counter >= readBelow {
      readBelow = record.counter + 1
      owed = (record.sentAt, now)
      let was = reporter.lss
      if reporter.see(clr: record.clr, counter: record.counter) {
        if was {
          detector.endEvent(below: record.counter)
        } else {
          detector.beginEvent(isLoss: true)
        }
        reportBy = now
      }
    }
    highest = max(highest ?? 0, record.counter)
    guard record.bytes > 0 else { return }
    cadence.note(roundTrip: roundTrip.smoothed, at: now)
    unreported += 1
    reportBy = min(reportBy, unreported >= cadence.every ? now : now + cadence.delay)
  }

  private func lose(_ counter: UInt64) {
    guard reporter.loss(of: counter) else { return }
    detector.beginEvent(isLoss: true)
    reportBy = Timestamp(nanoseconds: 0)
  }

  private func report(at now: Timestamp, over link: inout RateLink) {
    reportBy = .distantFuture
    unreported = 0
    reports += 1
    let feedback = Feedback(
      highest: UInt32(truncatingIfNeeded: highest ?? .max), received: received,
      lost: UInt32(truncatingIfNeeded: detector.lost),
      congestionExperienced: congestionExperienced, hold: 0,
      flags: heedsLateness && detector.isSpurious ? Feedback.spurious : 0)
    if !link.isDown, !link.happens(link.feedbackLoss) {
      returning.insert(
        Report(
          arrival: now + link.delay, feedback: feedback, lss: reporter.lss,
          echo: owed.map { ($0.sentAt, now - $0.arrived) })
      ) { $0.arrival }
    }
    owed = nil
  }

  private func learn(_ report: Report, at now: Timestamp, over link: inout RateLink) {
    var samples: Reception.RoundTrips?
    if let echo = report.echo {
      let sample = (now - echo.sentAt) + echo.held * -1
      samples = Reception.RoundTrips(least: sample, latest: sample)
      roundTrip.sample(sample)
    }
    let signal = answer.see(lss: report.lss)
    rate.learn(report.feedback, samples, signal: signal, at: now)
    windows.sum += rate.window.window
    windows.count += 1
    if signal == .reduce { send(isData: false, at: now, over: &link) }
  }
}

/// What is on its way, by its arrival.
struct RateQueue<Element> {
  private var elements: [Element] = []
  private var head = 0

  var first: Element? { head < elements.count ? elements[head] : nil }

  mutating func removeFirst() {
    head += 1
    guard head == elements.count || head > 4_096 else { return }
    elements.removeFirst(head)
    head = 0
  }

  mutating func insert(_ element: Element, by time: (Element) -> Timestamp) {
    var place = elements.count
    while place > head, time(elements[place - 1]) > time(element) { place -= 1 }
    if place == elements.count {
      elements.append(element)
    } else {
      elements.insert(element, at: place)
    }
  }
}
