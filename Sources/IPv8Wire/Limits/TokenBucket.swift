/// A token bucket in one moment: when it would be full again.
public struct TokenBucket: Sendable {
  /// How soon one token follows another, and how many there are at once.
  private let cost: Interval
  private let burst: Int64
  private var fullAt = Timestamp(nanoseconds: 0)

  /// - Parameter rate: tokens a second, at most 10⁹.
  public init(rate: Int64, burst: Int64) { self.init(interval: .seconds(1) / rate, burst: burst) }

  public init(interval: Interval, burst: Int64) {
    cost = interval
    self.burst = burst
  }

  /// Takes `count` tokens if they are there; none otherwise.
  public mutating func take(_ count: Int64 = 1, at now: Timestamp) -> Bool {
    let start = max(fullAt, now)
    guard count <= burst, start - now <= cost * (burst - count) else { return false }
    fullAt = start + cost * count
    return true
  }
}

/// A token bucket for each source network: an IPv4 address or network, an IPv6 /56.
///
/// A fixed table: networks that share a slot share its bucket, so a flood from anywhere costs no
/// memory.
public struct SourceBuckets: Sendable {
  private let salt: UInt64
  /// Bits of an IPv4 address that tell no networks apart.
  private let hostBits: UInt32
  private var buckets: [TokenBucket]

  /// - Parameter v4Length: of the IPv4 prefix that is one network, 1 to 32.
  public init(slots: Int, rate: Int64, burst: Int64, v4Length: Int = 32, salt: UInt64) {
    self.salt = salt
    hostBits = UInt32(32 - v4Length)
    buckets = Array(repeating: TokenBucket(rate: rate, burst: burst), count: slots)
  }

  public mutating func take(_ source: IPAddress, at now: Timestamp) -> Bool {
    let key: UInt128 =
      switch source {
      case .v4(let address): UInt128(address.value >> hostBits)
      case .v6(let address): (address.value >> 72) << 32
      }
    var random = SeededRandom(
      seed: salt ^ UInt64(truncatingIfNeeded: key) ^ UInt64(truncatingIfNeeded: key >> 64))
    return buckets[Int(random.next() % UInt64(buckets.count))].take(at: now)
  }
}
