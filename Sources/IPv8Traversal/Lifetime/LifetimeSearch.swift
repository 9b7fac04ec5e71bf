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

/// Which idle times to try next: all candidates at once, then ever smaller intervals between the
/// longest survived and the shortest not survived.
///
/// A lost answer looks like a death, so a death counts only when it happened twice; what was
/// survived is certain.
struct LifetimeSearch: Sendable {
  /// Seconds; around the usual timers (30, 60, 120, 180, 300 s less the time of a packet).
  static let candidates: [Int64] = [10, 25, 55, 85, 115, 175, 235, 295]
  /// Points between the bounds that are tried at once.
  static let splits: Int64 = 3
  static let deathsToBelieve = 2
  /// Points tried in all.
  static let trialLimit = 40

  private var untried: [Int64]
  private var running = 0
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

  /// The next idle time to try, in seconds; nil for none now.
  mutating func take() -> Int64? {
    guard !isDone, !untried.isEmpty else { return nil }
    running += 1
    trials += 1
    return untried.removeFirst()
  }

  mutating func note(_ seconds: Int64, survived: Bool) {
    running -= 1
    if survived {
      alive = max(alive, seconds)
    } else {
      deaths[seconds, default: 0] += 1
    }
    refine()
  }

  /// A trial that says nothing: it is to be made again.
  mutating func void(_ seconds: Int64) {
    running -= 1
    untried.append(seconds)
    if trials >= Self.trialLimit { isDone = true }
  }

  mutating func end() { isDone = true }

  private mutating func refine() {
    guard running == 0, untried.isEmpty else { return }
    guard let dead, trials < Self.trialLimit else {
      isDone = true
      return
    }
    let gap = dead - alive
    if gap > Self.tolerance(alive) {
      untried = (1...Self.splits).map { alive + gap * $0 / (Self.splits + 1) }.filter {
        $0 > alive && $0 < dead
      }
    }
    if deaths[dead, default: 0] < Self.deathsToBelieve { untried.append(dead) }
    isDone = untried.isEmpty
  }
}
