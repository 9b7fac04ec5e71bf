import IPv8Sync
import IPv8Wire

/// When the next session with one peer about one scope begins, and how.
struct ScopeSchedule: Sendable {
  /// Beginnings: one in this time, and so many at once. Answerers allow two more.
  static let pause = Interval.seconds(2)
  static let burst: Int64 = 6
  /// The peer with the higher PermID lets the other one begin.
  static let courtesy = Interval.seconds(3)
  /// Where nothing happens: the first pause, and the longest.
  static let period = Interval.seconds(30)
  static let longestPeriod = Interval.seconds(600)

  var due = Timestamp.distantFuture
  var begunAt = Timestamp(nanoseconds: 0)
  /// News came since the last beginning.
  var hasNews = false
  /// Ranges instead of symbols: at first, and where there are too many differences.
  var usesRanges = true
  private var pace = TokenBucket(interval: pause, burst: burst)
  private var equalRuns: Int64 = 0

  /// True where a session may begin now; otherwise it is tried again.
  mutating func begins(at now: Timestamp) -> Bool {
    guard pace.take(at: now) else {
      due = now + .milliseconds(250)
      return false
    }
    begunAt = now
    hasNews = false
    due = now + Self.longestPeriod
    return true
  }

  /// Something that the peer may lack came.
  mutating func tell(after delay: Interval, at now: Timestamp) {
    hasNews = true
    equalRuns = 0
    due = min(due, now + delay)
  }

  mutating func finished(_ report: SyncReport, jitter: UInt64, at now: Timestamp) {
    if report.fault == .tooMany {
      usesRanges = true
      due = now + .seconds(1)
      return
    }
    if report.fault == nil {
      if report.isAsker { usesRanges = false }
      equalRuns = report.isEqual ? min(equalRuns + 1, 20) : 0
      let isUnfinished = report.received > 0 && report.deferred + report.declined > 0
      if isUnfinished { return tell(after: .seconds(2), at: now) }
    }
    guard !hasNews else { return }
    // 30 s ± 10, longer where all was equal for some times.
    let base = min(Self.period * max(1, equalRuns - 2), Self.longestPeriod)
    due = now + base - .seconds(10) + .milliseconds(Int64(jitter % 20_000))
  }
}
