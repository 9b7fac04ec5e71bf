import IPv8Wire

/// How often the receiver of data reports (protocol §1.9): sixteen times a round trip, as far as
/// records and their seals are worth it.
public struct FeedbackCadence: Sendable, Equatable {
  static let recordsLimit: ClosedRange<UInt32> = 2...64
  static let delayLimit = Interval.milliseconds(1)...Interval.milliseconds(100)
  static let reportsPerRoundTrip: UInt32 = 16
  /// A round trip that is shorter counts as this: reports cost both ends time.
  static let leastRoundTrip = Interval.milliseconds(1)
  static let assumedRoundTrip = Interval.milliseconds(100)

  /// Records with data that may go unreported.
  private(set) var every = recordsLimit.lowerBound
  /// How long one may.
  private(set) var delay = assumedRoundTrip / 8
  private var since: Timestamp?
  private var records: UInt32 = 0

  /// A record with data came; `roundTrip` is the smoothed one.
  mutating func note(roundTrip: Interval?, at now: Timestamp) {
    let span = max(roundTrip ?? Self.assumedRoundTrip, Self.leastRoundTrip)
    delay = min(max(span / 8, Self.delayLimit.lowerBound), Self.delayLimit.upperBound)
    guard let since else {
      since = now
      records = 1
      return
    }
    records &+= 1
    let elapsed = now - since
    guard elapsed >= span else { return }
    let perRoundTrip = Double(records) * span.asSeconds / elapsed.asSeconds
    let wanted = UInt32(min(perRoundTrip, 1e6)) / Self.reportsPerRoundTrip
    every = min(max(wanted, Self.recordsLimit.lowerBound), Self.recordsLimit.upperBound)
    self.since = now
    records = 0
  }
}
