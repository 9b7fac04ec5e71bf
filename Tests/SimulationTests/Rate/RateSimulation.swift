import Glibc
import IPv8Wire
import TestVectors
import Testing

@testable import P2TP

/// docs/protocol/rate-control.md.
@Suite("Rate control over a bottleneck")
struct RateSimulation {
  private func seed(_ test: String = #function) -> UInt64 {
    var random = TestRandom(test)
    return random.next()
  }

  @Test("uses the path, whatever its buffer", arguments: [0.2, 1, 4])
  func utilisation(buffer: Double) {
    let world = RateWorld(
      RateLink(20, roundTrip: .milliseconds(50), buffer: buffer, seed: seed()))
    let flow = world.add()
    world.run(.seconds(3))
    let rate = world.run(.seconds(15))
    print("utilisation, \(buffer) BDP: \(rate / 20e6), \(flow.rate.reductions) reductions")
    #expect(rate >= 0.95 * 20e6)
  }

  @Test("does not slow a path of 10 Gbit/s and 100 µs", arguments: [1, 46])
  func local(batch: Int) {
    var link = RateLink(10_000, roundTrip: .microseconds(100), seed: seed())
    // A queue of 1,000 packets, as that of a virtual Ethernet.
    link.buffer = 1_400_000
    let world = RateWorld(link)
    let flow = world.add()
    flow.batch = batch
    world.run(.milliseconds(100))
    let reports = flow.reports
    let rate = world.run(.milliseconds(50))
    print("local, batch \(batch): \(rate / 10e9), \(flow.reports - reports) reports in 50 ms")
    #expect(rate >= 0.95 * 10e9)
    #expect(flow.reports - reports < 2_000)
  }

  @Test("uses a fast network of small buffers")
  func smallBuffer() {
    var link = RateLink(1_000, roundTrip: .microseconds(200), seed: seed())
    link.buffer = 100_000
    let world = RateWorld(link)
    let flow = world.add()
    flow.batch = 11
    world.run(.milliseconds(200))
    let rate = world.run(.milliseconds(300))
    print("small buffer: \(rate / 1e9), \(flow.rate.report)")
    #expect(rate >= 0.95 * 1e9)
  }

  @Test("has the share of eight flows at random loss where it stands for them")
  func manyFlows() {
    var link = RateLink(50, roundTrip: .milliseconds(50), seed: seed())
    link.loss = 0.001
    func rate(_ mode: RateControl.Mode) -> Double {
      let world = RateWorld(link)
      let flow = world.add(mode)
      flow.rate.setActiveFlows(8)
      world.run(.seconds(3))
      return world.run(.seconds(6))
    }
    let (one, many) = (rate(.cubic(fairness: .perPeer)), rate(.cubic(fairness: .perFlow)))
    print("eight flows at 0.1 %: \(many / 1e6), one: \(one / 1e6)")
    #expect(many > 0.8 * 50e6 && many > 2 * one)
  }

  @Test("leaves the first slow start before the buffer overflows")
  func slowStart() {
    let world = RateWorld(
      RateLink(50, roundTrip: .milliseconds(60), buffer: 3, seed: seed()))
    let flow = world.add()
    var greatest = 0.0
    for _ in 0..<300 where flow.rate.window.isSlowStart {
      world.run(.milliseconds(10))
      greatest = max(greatest, flow.rate.window.window)
    }
    print("slow start: \(greatest) packets at \(world.now.milliseconds) ms")
    #expect(!flow.rate.window.isSlowStart)
    #expect(world.link.drops == 0 && flow.rate.reductions == 0)
    #expect(greatest * 1_400 >= world.link.bandwidthDelay)
  }

  /// Figures of RFC 9438 §5.2, table 3: packets at a round trip of 0.1 s.
  @Test(
    "has the average window of RFC 9438 at random loss",
    arguments: [(0.01, 12.0, 60.0), (0.001, 38, 200), (0.0001, 187, 250)])
  func response(_ setting: (loss: Double, window: Double, seconds: Double)) {
    // Some fifty losses do not make a sharp mean: always the same ones.
    var link = RateLink(1_000, roundTrip: .milliseconds(100), seed: 1)
    link.loss = setting.loss
    let world = RateWorld(link)
    let flow = world.add()
    world.run(.seconds(30))
    flow.forgetWindows()
    let bits = world.run(.seconds(Int64(setting.seconds)))
    let average = bits / 8 / 1_400 * 0.1
    print("response at \(setting.loss): \(average) packets, RFC \(setting.window)")
    #expect(average >= 0.65 * setting.window && average <= 1.35 * setting.window)
  }

  @Test("does not collapse where 30 % of the records are late")
  func reordering() {
    var link = RateLink(20, roundTrip: .milliseconds(50), seed: seed())
    // More than the first reordering window of 12.5 ms.
    link.reordering = (0.3, .milliseconds(18))
    let world = RateWorld(link)
    let flow = world.add()
    world.run(.seconds(5))
    let rate = world.run(.seconds(15))
    let other = RateWorld(link)
    other.add().heedsLateness = false
    other.run(.seconds(5))
    let heedless = other.run(.seconds(5))
    print("reordering: \(rate / 20e6), else \(heedless / 20e6), \(flow.rate.report)")
    #expect(rate >= 0.9 * 20e6 && heedless < 0.5 * 20e6)
  }

  /// A tenth of what the buffer holds at most, where CUBIC alone would keep it full.
  @Test("keeps a queue that is its own alone short", arguments: [1, 9])
  func ownQueue(flows: Int) {
    var link = RateLink(20, roundTrip: .milliseconds(20), seed: seed())
    link.buffer = 20_000_000 / 8 / 4
    let world = RateWorld(link)
    let flow = world.add(.cubic(fairness: flows == 1 ? .perPeer : .perFlow))
    flow.rate.setActiveFlows(flows - 1)
    world.run(.seconds(10))
    world.link.forgetQueue()
    let rate = world.run(.seconds(30))
    let longest = Double(world.link.greatestQueue) * 8 / 20e6
    print("own queue: \(rate / 20e6), at most \(longest) s, \(flow.rate.report)")
    #expect(rate >= 0.95 * 20e6 && longest < 0.04)
  }

  /// Which losses fall on whom is chance, though the same in each run: no single bottleneck tells much.
  @Test("is a match for one that fills the queue", arguments: [0.5, 1, 2, 4])
  func sharedQueue(buffer: Double) {
    let indices = [Int64(25), 40, 80].map { roundTrip in
      var link = RateLink(20, roundTrip: .milliseconds(roundTrip), seed: seed())
      link.buffer = Int(buffer * link.bandwidthDelay)
      let world = RateWorld(link)
      let flow = world.add()
      let other = world.add()
      other.heedsQueue = false
      world.run(.seconds(10))
      let before = (flow.delivered, other.delivered)
      world.run(.seconds(60))
      let shares = (Double(flow.delivered - before.0), Double(other.delivered - before.1))
      let sum = shares.0 + shares.1
      let jain = sum * sum / (2 * (shares.0 * shares.0 + shares.1 * shares.1))
      print("shared queue: \(jain), share \(shares.0 / sum), \(flow.rate.standing.phase)")
      return jain
    }
    #expect(indices.allSatisfy { $0 >= 0.85 })
    #expect(indices.reduce(0, +) / Double(indices.count) >= 0.92)
  }

  @Test("works with half of the reports")
  func feedbackLoss() {
    var link = RateLink(20, roundTrip: .milliseconds(50), seed: seed())
    link.feedbackLoss = 0.5
    let world = RateWorld(link)
    _ = world.add()
    world.run(.seconds(5))
    let rate = world.run(.seconds(15))
    print("half of the reports: \(rate / 20e6)")
    #expect(rate >= 0.8 * 20e6)
  }

  /// As slowly as RFC 9438 §4.2 has it: from 110 packets to 360 in c. 13 s.
  @Test("follows a path from 100 to 1 and back to 100 Mbit/s")
  func change() {
    var link = RateLink(100, roundTrip: .milliseconds(50), seed: seed())
    link.buffer = 150_000
    let world = RateWorld(link)
    let flow = world.add()
    world.run(.seconds(4))
    let before = world.run(.seconds(1))
    world.link.change(to: 1)
    world.run(.seconds(10))
    let slow = world.run(.seconds(10))
    world.link.change(to: 100)
    world.run(.seconds(14))
    let after = world.run(.seconds(1))
    print("change: \(before / 1e8), \(slow / 1e6), \(after / 1e8), \(flow.rate.report)")
    #expect(before >= 0.8 * 100e6)
    #expect(slow >= 0.85 * 1e6)
    #expect(after >= 0.8 * 100e6)
  }

  @Test("has four fifths of its rate within 5 s of a second without the path")
  func blackout() {
    let world = RateWorld(RateLink(20, roundTrip: .milliseconds(50), seed: seed()))
    let flow = world.add()
    world.run(.seconds(5))
    let before = world.run(.seconds(2))
    world.link.isDown = true
    world.run(.seconds(1))
    world.link.isDown = false
    world.run(.seconds(4))
    let after = world.run(.seconds(1))
    print("blackout: \(before / 20e6), \(after / 20e6), \(flow.rate.report)")
    #expect(flow.rate.timeouts >= 1)
    #expect(after >= 0.8 * before)
  }

  @Test("sends no more than a path holds when much data follows little")
  func applicationLimited() {
    let world = RateWorld(
      RateLink(20, roundTrip: .milliseconds(50), buffer: 4, seed: seed()))
    let flow = world.add()
    flow.source = .steady(1e6)
    world.run(.seconds(60))
    #expect(flow.rate.windowBytes < 40_000)
    flow.source = .bulk
    world.link.forgetQueue()
    world.run(.milliseconds(60))
    print("then bulk: queue \(world.link.greatestQueue) of \(world.link.bandwidthDelay)")
    #expect(Double(world.link.greatestQueue) <= world.link.bandwidthDelay)
  }

  @Test("shares a bottleneck")
  func fairness() {
    let world = RateWorld(RateLink(20, roundTrip: .milliseconds(20), seed: seed()))
    let one = world.add()
    world.run(.seconds(2))
    let two = world.add()
    world.run(.seconds(10))
    let before = (one.delivered, two.delivered)
    world.run(.seconds(20))
    let shares = [Double(one.delivered - before.0), Double(two.delivered - before.1)]
    let sum = shares[0] + shares[1]
    let jain = sum * sum / (2 * (shares[0] * shares[0] + shares[1] * shares[1]))
    print("Jain \(jain), used \(sum * 8 / 20 / 20e6)")
    #expect(jain >= 0.95)
    #expect(sum * 8 / 20 >= 0.95 * 20e6)
  }

  @Test("heeds Congestion Experienced before anything is lost")
  func congestionExperienced() {
    var link = RateLink(20, roundTrip: .milliseconds(50), buffer: 2, seed: seed())
    link.markingThreshold = Int(link.bandwidthDelay / 4)
    let world = RateWorld(link)
    let flow = world.add()
    world.run(.seconds(5))
    let drops = world.link.drops
    let rate = world.run(.seconds(15))
    print("CE: \(rate / 20e6), \(flow.rate.report)")
    #expect(rate >= 0.95 * 20e6 && world.link.drops == drops)
    #expect(flow.rate.report.congestionReductions > 2)
  }

  @Test("under observation waits for nothing")
  func observation() {
    let world = RateWorld(RateLink(20, roundTrip: .milliseconds(50), seed: seed()))
    let flow = world.add(.observe)
    flow.source = .steady(30e6)
    world.run(.seconds(3))
    #expect(flow.rate.reductions > 3 && flow.rate.report.state == .observe)
    #expect(flow.rate.departure(of: 1_400, at: world.now) <= world.now)
    #expect(flow.rate.ecn == 0)
    #expect(abs(flow.rate.report.deliveryRate * 8 / 20e6 - 1) < 0.1)
  }
}
