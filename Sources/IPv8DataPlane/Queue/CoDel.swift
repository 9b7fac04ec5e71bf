import IPv8Wire

/// What CoDel knows of one bucket (RFC 8289 §5): whether packets have stayed too long for so long that the
/// next must go.
struct CoDel: Sendable {
  /// A standing queue shorter than this is welcome.
  static let target = Interval.milliseconds(5)
  /// How long one must stand: as long as the slowest usual round trip.
  static let interval = Interval.milliseconds(100)

  var isDropping = false
  /// Of the present run of drops, and of the last one when it began.
  private(set) var count: UInt32 = 0
  private var lastCount: UInt32 = 0
  private var firstAbove: Timestamp?
  private var nextDrop = Timestamp(nanoseconds: 0)

  /// Whether the packet that has just left its bucket may be dropped.
  ///
  /// - Parameters:
  ///   - sojourn: how long it waited; nil where there was none.
  ///   - backlog: bytes that are left behind it.
  ///   - largest: bytes that are never a standing queue: one packet's.
  mutating func mayDrop(
    _ sojourn: Interval?, backlog: Int, largest: Int, target: Interval, at now: Timestamp
  ) -> Bool {
    guard let sojourn, sojourn >= target, backlog > largest else {
      firstAbove = nil
      return false
    }
    guard let firstAbove else {
      firstAbove = now + Self.interval
      return false
    }
    return now >= firstAbove
  }

  /// Whether the next drop of the run is due.
  func isDue(at now: Timestamp) -> Bool { isDropping && now >= nextDrop }

  /// A packet of the run was dropped or marked.
  mutating func countDrop() { count &+= 1 }

  /// The run goes on.
  mutating func schedule() { nextDrop = Self.law(nextDrop, count) }

  /// A run begins with a packet dropped or marked; soon after the last one, it goes on as fast as that.
  mutating func begin(at now: Timestamp) {
    isDropping = true
    let delta = count &- lastCount
    let isSoon = now - nextDrop < Self.interval * 16
    count = delta > 1 && isSoon ? delta : 1
    nextDrop = Self.law(now, count)
    lastCount = count
  }

  private static func law(_ time: Timestamp, _ count: UInt32) -> Timestamp {
    let root = Double(count).squareRoot()
    return time + Interval(nanoseconds: Int64(Double(interval.nanoseconds) / root))
  }
}
