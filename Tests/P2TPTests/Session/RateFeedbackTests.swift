import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: records, rate control.
@Suite("Reports between the ends of a session")
struct RateFeedbackTests {
  private static func ends(delay: Int64 = 0) -> (SessionEnd, SessionEnd) {
    let (one, two) = SessionTests.pair(.chaCha20Poly1305, cookie: nil)
    return (SessionEnd(one), SessionEnd(two))
  }

  @Test("leave out of the round trip how long a timestamp was held")
  func hold() {
    let (a, b) = Self.ends()
    var now = Moment.after(0).boot
    for held in [0, 30, 500] as [Int64] {
      _ = b.opened(a.sealed([0x60], at: now), at: now + .milliseconds(20))
      let left = now + .milliseconds(20 + held)
      // Its own timestamps leave every second time.
      _ = b.reported(at: left)
      _ = b.opened(a.sealed([0x60], at: now), at: now + .milliseconds(20))
      _ = a.opened(b.reported(at: left), at: left + .milliseconds(20))
      now = now + .milliseconds(1_000)
    }
    #expect(a.roundTrip.latest.map { (39_900...40_100).contains($0.microseconds) } == true)
    #expect(a.roundTrip.smoothed.map { (39_900...40_100).contains($0.microseconds) } == true)
  }

  @Test("return no timestamp that was held for longer than they can say")
  func longHold() {
    let (a, b) = Self.ends()
    var now = Moment.after(0).boot
    for _ in 0..<4 {
      _ = b.opened(a.sealed([0x60], at: now), at: now + .milliseconds(20))
      now = now + .seconds(9)
      _ = a.opened(b.reported(at: now), at: now + .milliseconds(20))
    }
    #expect(a.roundTrip.smoothed.map { $0 < .milliseconds(200) } ?? true)
  }

  @Test("follow data, and never each other")
  func noPingPong() {
    let (a, b) = Self.ends()
    var now = Moment.after(0).boot
    var records = 0
    _ = b.opened(a.sealed([0x60], at: now), at: now)
    for _ in 0..<2_000 {
      now = now + .microseconds(500)
      for (from, to) in [(a, b), (b, a)] where from.advance(to: now).contains(.record) {
        records += 1
        _ = to.opened(from.reported(at: now), at: now)
      }
    }
    // The report of the data, and what opening a session asks for.
    #expect(records <= 4, "\(records)")
    #expect(a.outbound.rate.bytesInFlight == 0)
  }

  @Test("count as sent without data, and leave nothing in flight")
  func controlRecords() {
    let (a, b) = Self.ends()
    let now = Moment.after(0).boot
    for _ in 0..<500 { _ = a.reported(at: now) }
    #expect(a.outbound.rate.bytesInFlight == 0)
    let data = a.sealed([0x60, 1, 2], at: now)
    #expect(a.outbound.rate.bytesInFlight == data.count)
    _ = b.opened(data, at: now)
    _ = a.opened(b.reported(at: now), at: now)
    #expect(a.outbound.rate.bytesInFlight == 0)
  }

  @Test("that come late, or twice, change nothing")
  func oldReports() {
    let (a, b) = Self.ends()
    let now = Moment.after(0).boot
    _ = b.opened(a.sealed([0x60], at: now), at: now)
    let old = b.reported(at: now)
    for _ in 0..<5 { _ = b.opened(a.sealed([0x60], at: now), at: now) }
    let new = b.reported(at: now)
    _ = a.opened(new, at: now)
    let (report, feedback) = (a.outbound.rateReport, a.outbound.peerFeedback)
    _ = a.opened(old, at: now)
    #expect(a.outbound.rateReport == report && a.outbound.peerFeedback == feedback)
  }

  @Test("show whether the path takes ECT(0)")
  func ecn() {
    let (a, b) = Self.ends()
    let now = Moment.after(0).boot
    for number in 0..<10 {
      #expect(a.outbound.rate.ecn == 2)
      let record = a.sealed([0x60], at: now)
      if number == 7 { _ = b.opened(record, ecn: 2, at: now) }
    }
    #expect(a.outbound.rate.ecn == 0)
    _ = a.opened(b.reported(at: now), at: now)
    #expect(a.outbound.rate.ecn == 2)
  }

  @Test("take a reduction back where what was lost came late")
  func spurious() {
    let (a, b) = Self.ends()
    var now = Moment.after(0).boot
    func pass(_ record: [UInt8]) { _ = b.opened(record, at: now) }
    func answer() {
      for _ in 0..<2 { _ = a.opened(b.reported(at: now), at: now) }
      pass(a.reported(at: now))
    }
    for _ in 0..<4 {
      pass(a.sealed([0x60], at: now))
      answer()
      now = now + .milliseconds(10)
    }
    let before = a.outbound.rateReport
    let late = a.sealed([0x60], at: now)
    pass(a.sealed([0x60], at: now))
    now = now + .milliseconds(100)
    b.expireLoss(at: now)
    #expect(b.lss)
    _ = a.opened(b.reported(at: now), at: now)
    #expect(a.reductions == 1)
    #expect(a.outbound.rateReport.window < before.window)
    pass(late)
    _ = a.opened(b.reported(at: now), at: now)
    #expect(a.outbound.rateReport.window >= before.window)
    #expect(a.outbound.rateReport.threshold == nil && a.outbound.rateReport.undone == 1)
  }
}
