import IPv8Wire

/// How many flows are busy: buckets that got two packets or more within a window of time.
struct FlowCount: Sendable {
  static let window = Interval.milliseconds(200)

  /// Of one bucket: the window of its last packet, and how many came in it, up to two.
  struct Mark: Sendable {
    var window: UInt32 = 0
    var packets: UInt8 = 0
  }

  private var window: UInt32 = 0
  private var current = 0
  private var previous = 0

  mutating func add(_ mark: inout Mark, at now: Timestamp) {
    turn(to: now)
    if mark.window != window { mark = Mark(window: window) }
    guard mark.packets < 2 else { return }
    mark.packets += 1
    if mark.packets == 2 { current += 1 }
  }

  /// In this window or the last one, whichever has more.
  mutating func value(at now: Timestamp) -> Int {
    turn(to: now)
    return max(current, previous)
  }

  private mutating func turn(to now: Timestamp) {
    // The first window is not that of buckets that got nothing yet.
    let number = UInt32(
      truncatingIfNeeded: now.nanoseconds / UInt64(Self.window.nanoseconds) + 1)
    guard number != window else { return }
    previous = number == window &+ 1 ? current : 0
    current = 0
    window = number
  }
}
