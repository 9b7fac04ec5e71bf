import IPv8Wire

/// How fast one session may send: a fixed rate, kept by a bucket of 10 ms.
///
/// The session tells it of every record sent, every loss event and every feedback; it answers
/// when a record may leave.
public struct RateControl: Sendable {
  static let bucket = Interval.milliseconds(10)

  /// Bits per second.
  public let bitsPerSecond: Int64
  /// Reductions asked for by the receiver (one per signalled event).
  public private(set) var reductions: UInt64 = 0
  /// When the bucket would be empty again.
  private var drainedAt = Timestamp(nanoseconds: 0)

  /// Faster than what this data path reaches, so that the kernel's queues decide.
  public static let unlimited: Int64 = 100_000_000_000

  public init(bitsPerSecond: Int64 = unlimited) { self.bitsPerSecond = bitsPerSecond }

  /// The earliest time at which a data record of `byteCount` may leave; `now` or earlier means at once,
  /// `.distantFuture` not before something is heard of the peer or a deadline of its session passes.
  public func departure(of byteCount: Int, at now: Timestamp) -> Timestamp {
    drainedAt - now <= Self.bucket ? now : drainedAt + Self.bucket * -1
  }

  /// A record of `byteCount` left.
  mutating func sent(_ byteCount: Int, at now: Timestamp) {
    let cost = Int64(byteCount) * 8 * 1_000_000_000 / bitsPerSecond
    drainedAt = max(drainedAt, now) + Interval(nanoseconds: cost)
  }

  /// The receiver signalled a loss event.
  mutating func reduce() { reductions += 1 }
}
