import IPv8Wire

/// When the first slow start has found the path's rate by its rising round trips: HyStart++
/// (RFC 9406 §4.2), without a limit for bursts, since all is paced.
struct SlowStartRounds: Sendable, Equatable {
  static let leastThreshold = Interval.milliseconds(4)
  static let greatestThreshold = Interval.milliseconds(16)
  static let thresholdDivisor: Int64 = 8
  static let samplesNeeded: UInt32 = 8
  static let growthDivisor = 4.0
  static let conservativeRounds = 5

  /// The round is over once this counter is reported.
  private var roundEnd: UInt64 = 0
  private var lastLeast: Interval?
  private var currentLeast: Interval?
  private var samples: UInt32 = 0
  /// The least round trip at which the conservative slow start began; nil outside of it.
  private var baseline: Interval?
  private var roundsLeft = 0

  var isConservative: Bool { baseline != nil }
  /// By how much of what arrived the window grows.
  var share: Double { isConservative ? 1 / Self.growthDivisor : 1 }

  mutating func sample(_ count: UInt32, least: Interval) {
    currentLeast = min(currentLeast ?? least, least)
    samples &+= count
    guard samples >= Self.samplesNeeded, let current = currentLeast else { return }
    if let baseline {
      if current < baseline { self.baseline = nil }
    } else if let last = lastLeast {
      let eighth = last / Self.thresholdDivisor
      let threshold = max(Self.leastThreshold, min(eighth, Self.greatestThreshold))
      guard current >= last + threshold else { return }
      baseline = current
      roundsLeft = Self.conservativeRounds
    }
  }

  /// `highest` is reported, `next` is the next counter. Returns whether slow start is over.
  mutating func acknowledged(_ highest: UInt64, next: UInt64) -> Bool {
    guard highest >= roundEnd else { return false }
    roundEnd = next
    lastLeast = currentLeast
    currentLeast = nil
    samples = 0
    guard isConservative else { return false }
    roundsLeft -= 1
    return roundsLeft <= 0
  }
}
