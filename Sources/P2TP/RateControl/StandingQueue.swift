import IPv8Wire

/// Whether the bottleneck's queue stands, and who makes it stand: CUBIC fills any buffer, and where
/// nobody else is in it, that only makes everyone wait (docs/protocol: rate control, "Standing queue").
///
/// Rules:
/// - A queue stands if the least round trip of a whole round exceeds the least of the last minute by
///   twice ``target``.
/// - Slow start, if it is not over, ends there.
/// - The window is then cut to below what the path holds without a queue. If the queue goes, it was ours
///   (`alone`): the window begins anew just above that, and grows by CUBIC's curve alone.
/// - If it stays, others fill it (`shared`): the window is put back, and nothing but loss governs it
///   for a second; then the test is made again, after failures in a row at doubled times up to ``patience``.
struct StandingQueue: Sendable, Equatable {
  static let leastTarget = Interval.milliseconds(5)
  /// Of the least round trip.
  static let targetDivisor: Int64 = 8
  static let firstPatience = Interval.seconds(1)
  static let patience = Interval.seconds(10)
  /// No queue is shorter than so many packets, and so many more are under way until they are reported.
  static let packets = 2.0
  /// Half of the time in which the least round trip is looked for.
  static let memory = Interval.seconds(30)
  /// What the window is cut to, of what the path holds.
  static let drainedShare = 0.9

  enum Phase: Sendable, Equatable {
    case alone
    /// The window is cut, to see whether the queue goes.
    case draining(Drain)
    case shared(until: Timestamp)
  }

  struct Drain: Sendable, Equatable {
    let window: CubicWindow
    let queue: Interval
    let target: Interval
    /// What the path carried, in packets per second.
    let rate: Double
    /// When round trips that began after the cut end.
    let answeredAt: Timestamp
    let endsAt: Timestamp
  }

  enum Advice: Sendable, Equatable {
    case none
    /// Cut the window to so many packets.
    case drain(to: Double)
    /// Go on from so many.
    case settle(at: Double)
    /// The window as it was.
    case restore(CubicWindow)
  }

  private(set) var phase = Phase.alone
  /// The least round trips of this and the last half of ``memory``.
  private var least: (now: Interval?, before: Interval?) = (nil, nil)
  private var memoryEnds: Timestamp?
  /// The least of this round, and whether the round is a whole one.
  private var round: (least: Interval, ends: Timestamp)?

  /// The round trip without a queue, as far as it is known.
  var unloaded: Interval? {
    switch (least.now, least.before) {
    case (let a?, let b?): min(a, b)
    case (let a, let b): a ?? b
    }
  }

  var isAlone: Bool { if case .shared = phase { false } else { isSettled } }
  var isDraining: Bool { if case .draining = phase { true } else { false } }
  /// Whether a queue of ours has been drained.
  private var isSettled = false
  private var nextPatience = firstPatience
  /// Until then, what waits for its departure waits for the test's sake.
  private(set) var excusedUntil = Timestamp(nanoseconds: 0)

  private static func target(_ unloaded: Interval, _ rate: Double) -> Interval {
    let least = Interval(nanoseconds: Int64(packets * 1e9 / max(rate, 1)))
    return max(leastTarget, unloaded / targetDivisor, least)
  }

  /// A report brought round trips, of which `sample` is the least.
  ///
  /// - Parameters:
  ///   - isLimited: whether the window was used, and nothing else cut it in this round.
  ///   - smoothed: with the queue in it.
  mutating func advise(
    _ sample: Interval, smoothed: Interval, window: CubicWindow, isLimited: Bool, at now: Timestamp
  ) -> Advice {
    remember(sample, at: now)
    guard let unloaded else { return .none }
    if case .draining(let drain) = phase {
      return judge(drain, sample, unloaded, at: now)
    }
    guard let standing = finishRound(sample, smoothed, at: now) else { return .none }
    if case .shared(let until) = phase {
      guard until <= now else { return .none }
      phase = .alone
    }
    let rate = window.window / max(standing.asSeconds, 1e-6)
    let target = Self.target(unloaded, rate)
    guard isLimited, standing > unloaded + target * 2 else { return .none }
    let queue = standing + unloaded * -1
    phase = .draining(
      Drain(
        window: window, queue: queue, target: target, rate: rate, answeredAt: now + unloaded,
        endsAt: now + queue + smoothed * 2))
    round = nil
    // The test, and as long as its backlog takes to leave at the pace of the window put back.
    excusedUntil = now + queue + smoothed * 4
    return .drain(to: rate * unloaded.asSeconds * Self.drainedShare + Self.packets)
  }

  private mutating func judge(
    _ drain: Drain, _ sample: Interval, _ unloaded: Interval, at now: Timestamp
  ) -> Advice {
    if now >= drain.answeredAt, sample <= unloaded + max(drain.target, drain.queue / 4) {
      phase = .alone
      isSettled = true
      excusedUntil = now
      nextPatience = Self.firstPatience
      return .settle(at: drain.rate * (unloaded + drain.target).asSeconds + Self.packets)
    }
    guard now >= drain.endsAt else { return .none }
    share(at: now)
    return .restore(drain.window)
  }

  private mutating func share(at now: Timestamp) {
    phase = .shared(until: now + nextPatience)
    nextPatience = min(nextPatience * 2, Self.patience)
  }

  /// The window is about to be cut for another reason: what was tested cannot be told any more. Returns the
  /// window that was cut for the test.
  mutating func interrupt(at now: Timestamp) -> CubicWindow? {
    round = nil
    guard case .draining(let drain) = phase else { return nil }
    share(at: now)
    return drain.window
  }

  /// A new session goes on. Returns the window that was cut for a test.
  mutating func follow() -> CubicWindow? {
    round = nil
    guard case .draining(let drain) = phase else { return nil }
    phase = .alone
    return drain.window
  }

  private mutating func remember(_ sample: Interval, at now: Timestamp) {
    if let memoryEnds, now < memoryEnds {
      least.now = min(least.now ?? sample, sample)
      return
    }
    least = (sample, least.now)
    memoryEnds = now + Self.memory
  }

  /// The least round trip of a round that this sample ends.
  private mutating func finishRound(
    _ sample: Interval, _ smoothed: Interval, at now: Timestamp
  ) -> Interval? {
    guard let current = round else {
      round = (sample, now + smoothed)
      return nil
    }
    let lowest = min(current.least, sample)
    guard now >= current.ends else {
      round = (lowest, current.ends)
      return nil
    }
    round = nil
    return lowest
  }

  static func == (a: Self, b: Self) -> Bool {
    a.phase == b.phase && a.nextPatience == b.nextPatience && a.isSettled == b.isSettled
      && a.least == b.least && a.memoryEnds == b.memoryEnds
      && a.round?.least == b.round?.least && a.round?.ends == b.round?.ends
  }
}
