import IPv8Wire

/// About how many flows are busy: those that two large packets or more came of within a window of time. Of few
/// it is exact nearly always; there are 64 places, and two flows may have one.
struct FlowCount: Sendable {
  static let window = Interval.milliseconds(200)
  /// Smaller packets are not what fills a path.
  static let leastByteCount = 600

  /// A place for each bit: what came in this window once, and again.
  private var once: UInt64 = 0
  private var again: UInt64 = 0
  private var previous: UInt64 = 0
  private var endsAt = Timestamp(nanoseconds: 0)

  /// Notes a packet; returns the count where that may have changed: when a window ends, and at once where
  /// there are more.
  mutating func add(_ packet: RawSpan, at now: Timestamp) -> Int? {
    guard packet.byteCount >= Self.leastByteCount else { return nil }
    let value = now >= endsAt ? turn(at: now) : nil
    let place = UInt64(1) << Self.place(of: FlowIdentity(packet))
    let isMore = once & ~again & place != 0
    again |= once & place
    once |= place
    guard isMore, again.nonzeroBitCount > previous.nonzeroBitCount else { return value }
    return again.nonzeroBitCount
  }

  private mutating func turn(at now: Timestamp) -> Int {
    let isFollowing = now - endsAt < Self.window
    let busy = isFollowing ? max(again.nonzeroBitCount, previous.nonzeroBitCount) : 0
    previous = isFollowing ? again : 0
    (once, again) = (0, 0)
    endsAt = now + Self.window
    return busy
  }

  private static func place(of flow: FlowIdentity) -> UInt64 {
    // Multiplied by the golden ratio's bits, whose upper ones depend on all below.
    let mixed = (flow.rest ^ flow.destination.low) &* 0x9e37_79b9_7f4a_7c15
    return mixed >> 58
  }
}
