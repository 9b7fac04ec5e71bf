import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: rate control, "Paths and sessions".
@Suite("The rate on another path")
struct RatePathTests {
  private var rate = RateControl(mode: .cubic(fairness: .perPeer))
  private var now = Timestamp(nanoseconds: 1_000_000_000)
  private var counter: UInt64 = 0
  private var report = Feedback.none

  private mutating func send(_ count: Int) {
    for _ in 0..<count {
      rate.noteSent(counter, 1_400, isData: true, at: now)
      counter += 1
    }
  }

  private mutating func learn(
    to reported: UInt64, roundTrip: Int64, lost: UInt32 = 0, flags: UInt8 = 0,
    _ signal: ReductionAnswer.Outcome = .nothing
  ) {
    report.highest = UInt32(reported - 1)
    report.lost += lost
    report.received = UInt32(reported) - report.lost
    report.flags = flags
    let sample = Interval.milliseconds(roundTrip)
    rate.learn(
      report, Reception.RoundTrips(least: sample, latest: sample), signal: signal, at: now)
  }

  @Test("does not grow by what arrived by the old one, nor take its round trips")
  mutating func oldReports() {
    rate.noteBacklog(true)
    send(500)
    rate.pathChanged(isRebinding: false, at: now)
    send(5)
    learn(to: 400, roundTrip: 5)
    learn(to: 500, roundTrip: 5)
    #expect(rate.window.window == CubicWindow.initial && rate.roundTrip.smoothed == nil)
    learn(to: 505, roundTrip: 80)
    #expect(rate.window.window > CubicWindow.initial)
    #expect(rate.roundTrip.smoothed == .milliseconds(80))
  }

  @Test("a reduction is not undone by the word on an event before it")
  mutating func staleFlag() {
    rate.noteBacklog(true)
    send(100)
    learn(to: 100, roundTrip: 50)
    let before = rate.window.window
    send(100)
    learn(to: 200, roundTrip: 50, lost: 1, flags: Feedback.spurious, .reduce)
    #expect(rate.window.window < before * 2 && rate.undo != nil)
  }
}
