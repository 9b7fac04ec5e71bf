import IPv8Wire

/// A token bucket for each source network (IPv4 /24, IPv6 /56) while the gate is not calm
/// (protocol §1.4): 20 first messages a second, 40 at once.
///
/// A fixed table: networks that share a slot share its bucket, so a flood from anywhere costs no
/// memory.
public struct SourceLimiter: Sendable {
  static let slots = 1024
  static let ratePerSecond: Int64 = 20
  static let burst: Int64 = 40

  private let salt: UInt64
  /// When the bucket of each slot would be full again.
  private var fullAt: [Timestamp]

  public init(salt: UInt64) {
    self.salt = salt
    fullAt = Array(repeating: Timestamp(nanoseconds: 0), count: Self.slots)
  }

  public mutating func admits(_ endpoint: Endpoint, at now: Timestamp) -> Bool {
    let network: UInt128 =
      switch endpoint.address {
      case .v4(let address): UInt128(address.value >> 8)
      case .v6(let address): address.value >> 72
      }
    var random = SeededRandom(
      seed: salt ^ UInt64(truncatingIfNeeded: network) ^ UInt64(truncatingIfNeeded: network >> 64))
    let slot = Int(random.next() % UInt64(Self.slots))
    let cost = Interval.seconds(1) / Self.ratePerSecond
    let start = max(fullAt[slot], now)
    guard start - now <= cost * (Self.burst - 1) else { return false }
    fullAt[slot] = start + cost
    return true
  }
}
