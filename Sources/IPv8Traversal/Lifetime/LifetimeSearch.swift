import IPv8Wire

/// A lifetime as far as it is known, in whole seconds.
public struct LifetimeBounds: Sendable, Equatable {
  /// A mapping idle for so long still lived.
  public let alive: Int64
  /// One idle for so long did not; nil: the longest idleness tried was survived.
  public let dead: Int64?

  public init(alive: Int64, dead: Int64?) {
    self.alive = alive
    self.dead = dead
  }
}

/// Which idle times to try next: all candidates at once; as soon as one is not survived and none
/// shorter is still being tried, ever smaller intervals between the longest survived and it.
///
/// A lost answer looks like a death, so a death counts only when it happened twice; what was
/// survived is certain. Longer times go on meanwhile: one that is survived proves the death untrue.
struct LifetimeSearch: Sendable {
  /// Seconds; around the usual timers (30, 60, 120, 180, 300 s less the time of a packet).
  static let candidates: [Int64] = [10, 25, 55, 85, 115, 175, 235, 295]
  /// Points between the bounds that are tried at once.
  static let splits: Int64 = 3
  static let deathsToBelieve = 2
  /// Points tried in all.
  static let trialLimit = 40

  private var untried: [Int64]
  private var running: [Int64] = []
  private var trials = 0
  private var alive: Int64 = 0
  private var deaths: [Int64: Int] = [:]
  private(set) var isDone = false

  init(candidates: [Int64] = Self.candidates) { untried = candidates }

  /// Nil while nothing was survived.
  var bounds: LifetimeBounds? { alive > 0 ? LifetimeBounds(alive: alive, dead: dead) : nil }

  private var dead: Int64? { deaths.keys.filter { $0 > alive }.min() }

  /// How close the bounds shall come, in seconds.
  static func tolerance(_ alive: Int64) -> Int64 { max(5, alive / 10) }

  /// Whether a trial of so many seconds would tell nothing any more.
  func isPointless(_ seconds: Int64) -> Bool {
    guard !isDone else { return true }
    let believed = deaths.filter { $0.key > alive && $0.value >= Self.deathsToBelieve }.keys.min()
    return seconds <= alive || believed.map { seconds > $0 } ?? false
  }

  /// The next idle time to try, in seconds; nil for none now.
  mutating func take() -> Int64? {
    untried = untried.filter { !isPointless($0) }
    guard !isDone, !untried.isEmpty else { return nil }
    trials += 1
    let next = untried.removeFirst()
    running.append(next)
    return next
  }

  mutating func note(_ seconds: Int64, survived: Bool) {
    stop(seconds)
    if survived {
      alive = max(alive, seconds)
    } else {
      deaths[seconds, default: 0] += 1
    }
    refine()
  }

  /// A trial that says nothing: it is to be made again.
  mutating func void(_ seconds: Int64) {
    stop(seconds)
    untried.append(seconds)
    if trials >= Self.trialLimit { isDone = true }
  }

  /// A trial that was ended because it is pointless.
  mutating func drop(_ seconds: Int64) { stop(seconds) }

  mutating func end() { isDone = true }

  private mutating func stop(_ seconds: Int64) {
    if let place = running.firstIndex(of: seconds) { running.remove(at: place) }
  }

  private mutating func refine() {
    untried = untried.filter { !isPointless($0) }
    guard let dead, trials < Self.trialLimit else {
      isDone = (running + untried).allSatisfy { isPointless($0) } || trials >= Self.trialLimit
      return
    }
    guard !(running + untried).contains(where: { $0 > alive && $0 <= dead }) else { return }
    var next: [Int64] = []
    let gap = dead - alive
    if gap > Self.tolerance(alive) {
      next = (1...Self.splits).map { alive + gap * $0 / (Self.splits + 1) }.filter {
        $0 > alive && $0 < dead
      }
    }
    // Twice at once; the longest first, so that all end at about the same time.
    next = next.reversed() + next.reversed()
    if deaths[dead, default: 0] < Self.deathsToBelieve { next.insert(dead, at: 0) }
    untried = next + untried
    isDone = next.isEmpty
  }
}
