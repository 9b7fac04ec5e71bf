import IPv8Wire

/// The 30-bit microsecond clock that an open session puts into headers (protocol §1.3).
///
/// Its random offset hides the device's clock; only the sender reads its own values back.
struct OpenClock: Sendable {
  /// Returned values that would mean a longer round trip are ignored.
  static let limit = Interval.seconds(60)

  private let offset: UInt32

  init(offset: UInt32) { self.offset = offset }

  func value(at now: Timestamp) -> UInt32 {
    (UInt32(truncatingIfNeeded: now.microseconds) &+ offset) & P2TPHeader.fieldMask
  }

  /// The time since `value` was this clock's; nil where it would be over a minute. Wraps correctly
  /// for 1,073 s.
  func elapsed(since value: UInt32, at now: Timestamp) -> Interval? {
    let difference = (self.value(at: now) &- value) & P2TPHeader.fieldMask
    let interval = Interval.microseconds(Int64(difference))
    return interval <= Self.limit ? interval : nil
  }
}
