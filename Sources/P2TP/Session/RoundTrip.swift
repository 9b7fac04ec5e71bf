import IPv8Wire

/// Smoothed round-trip time and its variation (RFC 6298 §2) and the smallest sample.
public struct RoundTrip: Sendable, Equatable {
  public private(set) var smoothed: Interval?
  public private(set) var variation = Interval.zero
  public private(set) var minimum: Interval?
  public private(set) var latest: Interval?

  public init() {}

  /// Of another path the smallest sample is another one.
  public mutating func forgetMinimum() { minimum = nil }

  public mutating func sample(_ sample: Interval) {
    guard sample > .zero else { return }
    latest = sample
    minimum = min(minimum ?? sample, sample)
    guard let previous = smoothed else {
      smoothed = sample
      variation = sample / 2
      return
    }
    let error = abs(previous.nanoseconds - sample.nanoseconds)
    variation = Interval(nanoseconds: (3 * variation.nanoseconds + error) / 4)
    smoothed = Interval(nanoseconds: (7 * previous.nanoseconds + sample.nanoseconds) / 8)
  }
}
