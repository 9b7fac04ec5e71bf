import IPv8Wire

/// How many bytes of data arrive at the peer per second, by its reports.
struct DeliveryRate: Sendable, Equatable {
  /// A sample spans at least a round trip, and so much.
  static let leastSpan = Interval.milliseconds(1)
  /// What the path was seen to carry is forgotten after 10 to 20 samples.
  static let memory = 10

  /// The last sample.
  private(set) var current = 0.0
  private var greatest = (now: 0.0, before: 0.0)
  private var samples = 0
  private var since: Timestamp?
  private var bytes: UInt64 = 0

  /// The most that was seen lately.
  var available: Double { max(greatest.now, greatest.before) }

  mutating func note(_ arrived: UInt64, roundTrip: Interval, at now: Timestamp) {
    guard let since, now - since < .seconds(1) else {
      since = now
      bytes = 0
      return
    }
    bytes += arrived
    guard now - since >= max(roundTrip, Self.leastSpan) else { return }
    current = Double(bytes) / (now - since).asSeconds
    self.since = now
    bytes = 0
    if samples == Self.memory {
      greatest = (current, greatest.now)
      samples = 0
    }
    samples += 1
    greatest.now = max(greatest.now, current)
  }

  static func == (a: Self, b: Self) -> Bool {
    a.current == b.current && a.greatest == b.greatest && a.samples == b.samples
      && a.since == b.since && a.bytes == b.bytes
  }
}
