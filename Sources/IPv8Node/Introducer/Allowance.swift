import IPv8Wire

/// A token bucket in one moment: when it would be full again.
struct Allowance: Sendable {
  /// For one token.
  let interval: Interval
  /// Tokens at once.
  let burst: Int64
  private var fullAt = Timestamp(nanoseconds: 0)

  init(every interval: Interval, burst: Int64) {
    self.interval = interval
    self.burst = burst
  }

  mutating func take(at now: Timestamp) -> Bool {
    let start = max(fullAt, now)
    guard start - now <= interval * (burst - 1) else { return false }
    fullAt = start + interval
    return true
  }
}
