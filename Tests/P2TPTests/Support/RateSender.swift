import IPv8Wire

@testable import P2TP

/// A sender whose peer's reports the test writes.
struct RateSender {
  var rate: RateControl
  var now = Moment.after(0).boot
  var counter: UInt64 = 0
  var report = Feedback.none

  init(_ mode: RateControl.Mode = .cubic(fairness: .perPeer)) {
    rate = RateControl(mode: mode)
    rate.noteBacklog(true)
  }

  /// Sends as much as may leave now; how many records those were.
  @discardableResult
  mutating func send(limit: Int = 100_000) -> Int {
    var count = 0
    while count < limit, rate.departure(of: 1_400, at: now) <= now {
      rate.noteSent(counter, 1_400, isData: true, at: now)
      counter += 1
      count += 1
    }
    return count
  }

  /// The peer reports all that was sent but `lost` records.
  mutating func learn(
    lost: UInt32 = 0, marked: UInt32 = 0, flags: UInt8 = 0,
    _ signal: ReductionAnswer.Outcome = .nothing, roundTrip: Int64 = 50
  ) {
    report.highest = UInt32(truncatingIfNeeded: counter &- 1)
    report.lost += lost
    report.received = UInt32(counter) - report.lost
    report.congestionExperienced += marked
    report.flags = flags
    let sample = Interval.milliseconds(roundTrip)
    rate.learn(
      report, Reception.RoundTrips(least: sample, latest: sample), signal: signal, at: now)
  }

  mutating func wait(_ milliseconds: Int64) { now = now + .milliseconds(milliseconds) }

  /// Out of slow start, with a window of 70 packets and nothing in flight.
  static func settled() -> RateSender {
    var sender = RateSender()
    while sender.rate.window.window < 100 {
      sender.send()
      sender.wait(50)
      sender.learn()
    }
    sender.send()
    sender.wait(50)
    sender.learn(lost: 1, .reduce)
    sender.learn(.changed)
    return sender
  }
}

extension RateSender {
  /// The first record is reported; the window grows by it alone.
  mutating func learnFirst() {
    send(limit: 1)
    wait(50)
    learn()
  }
}
