import IPv8Wire

/// Finds gaps in the counters that arrive and declares them lost after a reordering window
/// (protocol §1.9, RFC 8985 in spirit).
public struct LossDetector: Sendable {
  /// Gaps remembered; beyond it the oldest is declared lost at once.
  static let gapLimit = 64
  static let windowFloor = Interval.milliseconds(1)
  static let windowCeiling = Interval.milliseconds(100)
  /// A larger jump is a sender's restart of its counters' meaning, not loss to be counted singly.
  static let jumpLimit: UInt64 = 1 << 20

  struct Gap: Sendable, Equatable {
    var counters: Range<UInt64>
    /// When the first higher counter arrived.
    let since: Timestamp
  }

  private(set) var gaps: [Gap] = []
  private var next: UInt64 = 0
  /// Counters declared lost, ever.
  public private(set) var lost: UInt64 = 0
  /// Counters that arrived after they were declared lost.
  public private(set) var spurious: UInt64 = 0
  /// One above the highest counter declared lost.
  private var declaredBelow: UInt64 = 0

  public init() {}

  /// What a gap must have waited, by the least round trip.
  static func window(_ minimumRoundTrip: Interval?) -> Interval {
    let quarter = (minimumRoundTrip ?? .milliseconds(100)) / 4
    return min(max(quarter, windowFloor), windowCeiling)
  }

  /// When ``expire(at:minimumRoundTrip:)`` has something to do.
  func deadline(minimumRoundTrip: Interval?) -> Timestamp? {
    gaps.first.map { $0.since + Self.window(minimumRoundTrip) }
  }

  /// Notes an authentic counter. Returns the highest counter that overflow declared lost, if any.
  mutating func arrived(_ counter: UInt64, at now: Timestamp) -> UInt64? {
    if counter >= next {
      defer { next = counter + 1 }
      guard counter > next, counter - next <= Self.jumpLimit else { return nil }
      gaps.append(Gap(counters: next..<counter, since: now))
      return gaps.count > Self.gapLimit ? declareOldest() : nil
    }
    guard let index = gaps.firstIndex(where: { $0.counters.contains(counter) }) else {
      if counter < declaredBelow { spurious += 1 }
      return nil
    }
    let gap = gaps[index]
    let parts = [
      Gap(counters: gap.counters.lowerBound..<counter, since: gap.since),
      Gap(counters: (counter + 1)..<gap.counters.upperBound, since: gap.since),
    ]
    gaps.replaceSubrange(index...index, with: parts.filter { !$0.counters.isEmpty })
    return gaps.count > Self.gapLimit ? declareOldest() : nil
  }

  /// Declares lost what has waited its window; the highest such counter, nil where there is none.
  mutating func expire(at now: Timestamp, minimumRoundTrip: Interval?) -> UInt64? {
    let window = Self.window(minimumRoundTrip)
    var highest: UInt64?
    while let oldest = gaps.first, now - oldest.since >= window { highest = declareOldest() }
    return highest
  }

  private mutating func declareOldest() -> UInt64 {
    let gap = gaps.removeFirst()
    lost += UInt64(gap.counters.count)
    declaredBelow = max(declaredBelow, gap.counters.upperBound)
    return gap.counters.upperBound - 1
  }
}
