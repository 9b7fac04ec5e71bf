import IPv8Wire

/// A token bucket in one moment: when it would be full again.
struct TokenBucket: Sendable {
  /// How soon one token follows another, and how many there are at once.
  private let cost: Interval
  private let burst: Int64
  private var fullAt = Timestamp(nanoseconds: 0)

  /// - Parameter rate: tokens a second.
  init(rate: Int64, burst: Int64) { self.init(interval: .seconds(1) / rate, burst: burst) }

  init(interval: Interval, burst: Int64) {
    cost = interval
    self.burst = burst
  }

  mutating func take(at now: Timestamp) -> Bool {
    let start = max(fullAt, now)
    guard start - now <= cost * (burst - 1) else { return false }
    fullAt = start + cost
    return true
  }
}

/// A token bucket for each source: an IPv4 address or an IPv6 /56.
///
/// A fixed table: sources that share a slot share its bucket, so a flood from anywhere costs no
/// memory.
struct SourceBuckets: Sendable {
  private let salt: UInt64
  private var buckets: [TokenBucket]

  init(slots: Int, rate: Int64, burst: Int64, salt: UInt64) {
    self.salt = salt
    buckets = Array(repeating: TokenBucket(rate: rate, burst: burst), count: slots)
  }

  mutating func take(_ source: IPAddress, at now: Timestamp) -> Bool {
    let key: UInt128 =
      switch source {
      case .v4(let address): UInt128(address.value)
      case .v6(let address): (address.value >> 72) << 32
      }
    var random = SeededRandom(
      seed: salt ^ UInt64(truncatingIfNeeded: key) ^ UInt64(truncatingIfNeeded: key >> 64))
    return buckets[Int(random.next() % UInt64(buckets.count))].take(at: now)
  }
}
