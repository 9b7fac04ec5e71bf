import IPv8Wire
import Testing

@testable import P2TP

/// RFC 9438, with the formulas written out once more.
@Suite("CUBIC's window")
struct CubicWindowTests {
  /// The largest multiple of 2⁻²⁰ whose cube is not larger: bisection.
  private func cubeRoot(_ value: Double) -> Double {
    var (low, high) = (0.0, max(1, value))
    for _ in 0..<200 {
      let middle = (low + high) / 2
      if middle * middle * middle <= value { low = middle } else { high = middle }
    }
    return low
  }

  @Test("takes cube roots", arguments: [0, 1e-9, 0.02, 0.5, 1, 2, 7.9, 8, 1_000, 3.3e5, 1e9])
  func roots(value: Double) {
    let root = CubicWindow.cubeRoot(value)
    #expect(abs(root - cubeRoot(value)) <= 1e-9 * max(1, root))
  }

  private func window(_ size: Double, flows: Double = 1) -> CubicWindow {
    var window = CubicWindow()
    window.flows = flows
    window.start(size - CubicWindow.initial, share: 1)
    return window
  }

  @Test("follows its curve between two losses, report by report", arguments: [1, 2, 5, 9])
  func curve(flows: Double) {
    let start = Moment.after(0).boot
    let kept = (flows - 1 + 0.7) / flows
    var window = window(1_000, flows: flows)
    window.reduce(CubicWindow.lossFactor, at: start)
    // The oracle: RFC 9438 §4.2 to §4.5, each figure as it is there.
    var (cwnd, estimate) = (1_000 * kept, 1_000 * kept)
    let rise = cubeRoot((1_000 - cwnd) / 0.4)
    var random = SeededRandom(seed: UInt64(flows))
    var now = start
    let roundTrip = 0.04
    for step in 0..<7_000 {
      let pause = Int64.random(in: 1_000...4_000, using: &random)
      now = now + .microseconds(pause)
      let acknowledged = Double(pause) / 1e6 / roundTrip * cwnd
      window.grow(acknowledged, roundTrip: .milliseconds(40), at: now)
      let time = (now - start).asSeconds
      func cubic(_ time: Double) -> Double {
        let x = time - rise
        return 0.4 * x * x * x + 1_000
      }
      let increase = estimate < 1_000 ? 3 * flows * flows * (1 - kept) / (1 + kept) : flows
      estimate += increase * acknowledged / cwnd
      if cubic(time) < estimate {
        cwnd = max(cwnd, estimate)
      } else {
        let target = min(max(cubic(time + roundTrip), cwnd), 1.5 * cwnd)
        cwnd += (target - cwnd) / cwnd * acknowledged
      }
      guard abs(window.window - cwnd) < 1e-6 * cwnd else {
        Issue.record("step \(step): \(window.window), \(cwnd)")
        return
      }
    }
    #expect(cwnd > 1_100, "beyond the last loss")
  }

  @Test("reaches the window before the loss after K seconds")
  func plateau() {
    let start = Moment.after(0).boot
    var window = window(1_000)
    window.reduce(CubicWindow.lossFactor, at: start)
    #expect(window.window == 700 && window.threshold == 700)
    // K = cbrt(300 / 0.4) = 9.086 s.
    for time in stride(from: Int64(20), through: 9_086, by: 20) {
      window.grow(
        window.window / 10, roundTrip: .milliseconds(200), at: start + .milliseconds(time))
    }
    #expect(abs(window.window - 1_000) < 5)
  }

  @Test("gives room to others by fast convergence")
  func fastConvergence() {
    let now = Moment.after(0).boot
    var window = window(1_000)
    window.reduce(CubicWindow.lossFactor, at: now)
    #expect(window.greatest == 1_000)
    window.reduce(CubicWindow.lossFactor, at: now)
    #expect(abs(window.window - 490) < 1e-9)
    #expect(abs(window.greatest - 700 * 1.7 / 2) < 1e-9)
  }

  @Test("keeps more of itself at Congestion Experienced, and for more flows")
  func factors() {
    let now = Moment.after(0).boot
    for (flows, factor, kept) in [(1, 0.7, 700), (1, 0.85, 850), (3, 0.7, 900), (3, 0.85, 950)]
      as [(Double, Double, Double)]
    {
      var window = window(1_000, flows: flows)
      window.reduce(factor, at: now)
      #expect(abs(window.window - kept) < 1e-9)
    }
  }

  @Test("is never less than two packets, nor more than its limit")
  func limits() {
    var now = Moment.after(0).boot
    var window = window(1e9)
    #expect(window.window == CubicWindow.limit)
    window.endSlowStart()
    for _ in 0..<100 {
      now = now + .seconds(1)
      window.grow(1e6, roundTrip: .milliseconds(100), at: now)
    }
    #expect(window.window == CubicWindow.limit)
    for _ in 0..<100 { window.reduce(CubicWindow.lossFactor, at: now) }
    #expect(window.window == CubicWindow.least)
  }

  @Test("halves with each timeout of rest, down to its first size; paused time does not count")
  func rest() {
    let start = Moment.after(0).boot
    var rested = window(1_000)
    rested.rest(.milliseconds(3_500), timeout: .seconds(1))
    #expect(rested.window == 125)
    rested.rest(.seconds(60), timeout: .seconds(1))
    #expect(rested.window == 10 && rested.isSlowStart)
    var (one, two) = (window(1_000), window(1_000))
    one.reduce(CubicWindow.lossFactor, at: start)
    two.reduce(CubicWindow.lossFactor, at: start)
    two.pause(.seconds(100))
    for time in 1...50 as ClosedRange<Int64> {
      let now = start + .milliseconds(100 * time)
      one.grow(300, roundTrip: .milliseconds(40), at: now)
      two.grow(300, roundTrip: .milliseconds(40), at: now + .seconds(100))
    }
    #expect(one.window == two.window)
  }
}
