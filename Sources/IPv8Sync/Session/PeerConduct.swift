import IPv8Wire

/// How a peer behaves: how often it begins sessions, and what it did against the rules.
struct PeerConduct: Sendable {
  private var beginnings: TokenBucket
  private var offences: TokenBucket
  private var barredUntil = Timestamp(nanoseconds: 0)
  private let bar: Interval

  init(_ limits: SyncLimits) {
    beginnings = TokenBucket(interval: limits.beginningPause, burst: 8)
    offences = TokenBucket(interval: limits.bar / limits.offences, burst: limits.offences)
    bar = limits.bar
  }

  mutating func admits(at now: Timestamp) -> Bool {
    !isBarred(at: now) && beginnings.take(at: now)
  }

  mutating func noteOffence(at now: Timestamp) {
    if !offences.take(at: now) { barredUntil = now + bar }
  }

  func isBarred(at now: Timestamp) -> Bool { now < barredUntil }
}
