import IPv8Wire

/// How fast a queue is emptied, measured while packets wait in it.
struct ServiceRate: Sendable {
  static let window = Interval.milliseconds(50)

  /// Nil before anything was measured.
  private(set) var bytesPerSecond: Int?
  private var since = Timestamp(nanoseconds: 0)
  private var bytes = 0

  /// Packets wait from now on.
  mutating func begin(at now: Timestamp) {
    since = now
    bytes = 0
  }

  mutating func add(_ byteCount: Int, at now: Timestamp) {
    bytes += byteCount
    let time = now - since
    guard time >= Self.window else { return }
    let sample = Int(Double(bytes) * 1e9 / Double(time.nanoseconds))
    bytesPerSecond = bytesPerSecond.map { ($0 + sample) / 2 } ?? sample
    begin(at: now)
  }

  /// How long `byteCount` bytes take; nil where that is not known.
  func time(of byteCount: Int) -> Interval? {
    guard let bytesPerSecond else { return nil }
    return Interval(
      nanoseconds: Int64(Double(byteCount) * 1e9 / Double(max(1, bytesPerSecond))))
  }
}
