import IPv8Wire

@testable import P2TP

/// Loops of rate control at one bottleneck, in virtual time: each with its receiver, its losses and
/// reports. Records are counters and sizes; nothing is sealed.
final class RateWorld {
  var link: RateLink
  private(set) var flows: [RateFlow] = []
  private(set) var now = Timestamp(nanoseconds: 1_000_000_000)

  init(_ link: RateLink) { self.link = link }

  func add(_ mode: RateControl.Mode = .cubic(fairness: .perPeer)) -> RateFlow {
    let flow = RateFlow(mode)
    flows.append(flow)
    return flow
  }

  /// Lets `time` pass; returns the bits per second that arrived meanwhile, of all flows.
  @discardableResult
  func run(_ time: Interval, _ body: () -> Void = {}) -> Double {
    let end = now + time
    let before = flows.reduce(0) { $0 + $1.delivered }
    while true {
      var due = end
      var next: RateFlow?
      for flow in flows {
        let deadline = flow.nextDeadline(at: now)
        if deadline < due { (due, next) = (deadline, flow) }
      }
      now = max(now, due)
      guard let next else { break }
      next.advance(to: now, over: &link)
      body()
    }
    let bytes = flows.reduce(0) { $0 + $1.delivered } - before
    return Double(bytes) * 8 / time.asSeconds
  }
}

/// A FIFO with a rate, a buffer, a delay and faults; the way back has the same delay and no queue.
struct RateLink {
  private(set) var bitsPerSecond: Double
  var buffer: Int
  /// One way.
  var delay: Interval
  var loss = 0.0
  var feedbackLoss = 0.0
  var reordering: (share: Double, by: Interval) = (0, .zero)
  /// Bytes in the queue from which on Congestion Experienced is set.
  var markingThreshold = Int.max
  var isDown = false
  private(set) var drops = 0
  private(set) var greatestQueue = 0
  private var freeAt = Timestamp(nanoseconds: 0)
  /// What came before the rate changed leaves at the old one.
  private var old = (until: Timestamp(nanoseconds: 0), bitsPerSecond: 0.0)
  var random: SeededRandom

  init(_ megabits: Double, roundTrip: Interval, buffer: Double = 1, seed: UInt64) {
    bitsPerSecond = megabits * 1e6
    delay = roundTrip / 2
    random = SeededRandom(seed: seed)
    self.buffer = 0
    self.buffer = Int(buffer * bandwidthDelay)
  }

  /// Bytes.
  var bandwidthDelay: Double { bitsPerSecond / 8 * delay.asSeconds * 2 }

  func queue(at now: Timestamp) -> Int {
    guard freeAt > now else { return 0 }
    let before = old.until > now ? (old.until - now).asSeconds * old.bitsPerSecond : 0
    let after = (freeAt - max(old.until, now)).asSeconds * bitsPerSecond
    return Int((before + after) / 8)
  }

  mutating func change(to megabits: Double) {
    old = (freeAt, bitsPerSecond)
    bitsPerSecond = megabits * 1e6
  }

  mutating func forgetQueue() { greatestQueue = 0 }

  /// When what leaves at `now` arrives, and whether it is marked; nil where it is lost.
  mutating func carry(_ bytes: Int, at now: Timestamp) -> (arrival: Timestamp, isMarked: Bool)? {
    let queue = queue(at: now)
    greatestQueue = max(greatestQueue, queue)
    if isDown { return nil }
    guard queue + bytes <= buffer + 1_500 else {
      drops += 1
      return nil
    }
    let time = Interval(nanoseconds: Int64(Double(bytes) * 8e9 / bitsPerSecond))
    freeAt = max(freeAt, now) + time
    if happens(loss) { return nil }
    let extra = happens(reordering.share) ? reordering.by : .zero
    return (freeAt + delay + extra, queue > markingThreshold)
  }

  mutating func happens(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &random) < probability
  }
}
