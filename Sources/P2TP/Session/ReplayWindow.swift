/// The record counters received of one session, of the last 8192 (RFC 6479).
///
/// A ring of 64-bit words: advancing clears whole words, so one word of the ring is given up and
/// counters further back than ``span`` are refused.
public struct ReplayWindow: Sendable {
  static let words = 128
  /// How far behind the highest counter one is still accepted.
  public static let span = UInt64((words - 1) * 64)

  private var ring = InlineArray<128, UInt64>(repeating: 0)
  /// One above the highest counter marked; 0 at the start.
  public private(set) var next: UInt64 = 0

  public init() {}

  /// Whether `counter` is new: neither marked nor behind the window.
  @inlinable
  public func accepts(_ counter: UInt64) -> Bool {
    if counter >= next { return true }
    guard next - counter <= Self.span else { return false }
    return !isMarked(counter)
  }

  /// Marks an authentic record's counter. Call after ``accepts(_:)`` said yes.
  public mutating func mark(_ counter: UInt64) {
    if counter >= next {
      let previousWord = next == 0 ? 0 : (next - 1) / 64
      let word = counter / 64
      let cleared = min(word - previousWord, UInt64(Self.words))
      for step in 0..<cleared { ring[Int((word - step) % UInt64(Self.words))] = 0 }
      next = counter + 1
    }
    ring[Int(counter / 64 % UInt64(Self.words))] |= 1 << (counter % 64)
  }

  @usableFromInline
  func isMarked(_ counter: UInt64) -> Bool {
    ring[Int(counter / 64 % UInt64(Self.words))] & 1 << (counter % 64) != 0
  }

  /// The 64-bit counter meant by the 30 bits of a header: of the values that end so, the one nearest
  /// to the next expected (RFC 9000 appendix A.3), never negative (protocol §1.7).
  public func expand(_ truncated: UInt32) -> UInt64 {
    let window: UInt64 = 1 << 30
    let candidate = next & ~(window - 1) | UInt64(truncated)
    if candidate + window / 2 <= next { return candidate + window }
    if candidate > next + window / 2, candidate >= window { return candidate - window }
    return candidate
  }
}
