import IPv8Wire

/// Finds gaps in the counters that arrive and declares them lost after a reordering window
/// (protocol §1.9, RFC 8985 in spirit). What arrives after its declaration widens the window.
public struct LossDetector: Sendable {
  /// Gaps remembered; beyond it the oldest is declared lost at once.
  static let gapLimit = 64
  /// Gaps remembered after their declaration, so that it is known how late their records are.
  static let declaredLimit = 64
  static let windowFloor = Interval.milliseconds(1)
  static let windowCeiling = Interval.milliseconds(100)
  /// For how many loss events the window stays wide (RFC 8985 §6.2).
  static let wideEvents = 16
  /// A larger jump is a sender's restart of its counters' meaning, not loss to be counted singly.
  static let jumpLimit: UInt64 = 1 << 20

  struct Gap: Sendable, Equatable {
    var counters: Range<UInt64>
    /// When the first higher counter arrived.
    let since: Timestamp
  }

  private(set) var gaps: [Gap] = []
  private(set) var declared: [Gap] = []
  private var next: UInt64 = 0
  /// Counters declared lost, ever.
  public private(set) var lost: UInt64 = 0
  /// Counters that arrived after they were declared lost.
  public private(set) var spurious: UInt64 = 0
  /// One above the highest counter declared lost.
  private var declaredBelow: UInt64 = 0

  /// At least so long a gap waits; for so many loss events more.
  private(set) var wide = Interval.zero
  private var wideFor = 0

  /// Whether all that was declared lost in the last event has arrived since.
  public private(set) var isSpurious = false
  /// Counters from here on belong to the event that is signalled, or to the next one.
  private var eventStart: UInt64 = 0
  /// Of those, how many were declared lost and have not arrived.
  private var missing: UInt64 = 0

  public init() {}

  /// What a gap must have waited, by the least round trip.
  static func window(_ minimumRoundTrip: Interval?) -> Interval {
    let quarter = (minimumRoundTrip ?? .milliseconds(100)) / 4
    return min(max(quarter, windowFloor), windowCeiling)
  }

  private func window(_ minimumRoundTrip: Interval?) -> Interval {
    max(Self.window(minimumRoundTrip), wide)
  }

  /// When ``expire(at:minimumRoundTrip:)`` has something to do.
  func deadline(minimumRoundTrip: Interval?) -> Timestamp? {
    gaps.first.map { $0.since + window(minimumRoundTrip) }
  }

  /// Notes an authentic counter. Returns the highest counter that overflow declared lost, if any.
  ///
  /// - Parameter smoothed: the smoothed round trip: no gap waits longer than that, but for the floor.
  mutating func arrived(
    _ counter: UInt64, at now: Timestamp, smoothed: Interval? = nil
  ) -> UInt64? {
    if counter >= next {
      defer { next = counter + 1 }
      guard counter > next, counter - next <= Self.jumpLimit else { return nil }
      gaps.append(Gap(counters: next..<counter, since: now))
      return gaps.count > Self.gapLimit ? declareOldest() : nil
    }
    guard let index = gaps.firstIndex(where: { $0.counters.contains(counter) }) else {
      if counter < declaredBelow { noteLate(counter, at: now, smoothed: smoothed) }
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

  /// A counter arrives that was declared lost.
  private mutating func noteLate(_ counter: UInt64, at now: Timestamp, smoothed: Interval?) {
    spurious += 1
    if counter >= eventStart, missing > 0 {
      missing -= 1
      isSpurious = missing == 0
    }
    guard let gap = declared.last(where: { $0.counters.contains(counter) }) else { return }
    let late = (now - gap.since) * 5 / 4
    wide = max(wide, min(late, smoothed ?? Self.windowCeiling))
    wideFor = Self.wideEvents
  }

  /// Declares lost what has waited its window; the highest such counter, nil where there is none.
  mutating func expire(at now: Timestamp, minimumRoundTrip: Interval?) -> UInt64? {
    let window = window(minimumRoundTrip)
    var highest: UInt64?
    while let oldest = gaps.first, now - oldest.since >= window { highest = declareOldest() }
    return highest
  }

  private mutating func declareOldest() -> UInt64 {
    let gap = gaps.removeFirst()
    lost += UInt64(gap.counters.count)
    declaredBelow = max(declaredBelow, gap.counters.upperBound)
    if gap.counters.upperBound > eventStart {
      missing += gap.counters.upperBound - max(gap.counters.lowerBound, eventStart)
      isSpurious = false
    }
    if declared.count == Self.declaredLimit { declared.removeFirst() }
    declared.append(gap)
    return gap.counters.upperBound - 1
  }

  /// The reporter begins to signal an event: a loss, or Congestion Experienced, which is never
  /// spurious.
  mutating func beginEvent(isLoss: Bool) {
    guard isLoss else {
      isSpurious = false
      return
    }
    if wideFor > 0 {
      wideFor -= 1
    } else {
      wide = .zero
    }
  }

  /// The event is answered: losses of `counter` and above are of another.
  mutating func endEvent(below counter: UInt64) {
    eventStart = counter
    missing = 0
  }
}
