/// Tells a request that comes a second time, as the network may have it.
struct SerialWindow: Equatable, Sendable {
  private var highest: UInt16 = 0
  /// Bit n: `highest` - n came.
  private var seen: UInt64 = 0

  /// True the first time; false for what came or lies 64 back.
  mutating func take(_ serial: UInt16) -> Bool {
    if serial > highest || seen == 0 {
      let ahead = serial - min(highest, serial)
      seen = ahead >= 64 ? 0 : seen << UInt64(ahead)
      seen |= 1
      highest = serial
      return true
    }
    let back = highest - serial
    guard back < 64, seen & 1 << UInt64(back) == 0 else { return false }
    seen |= 1 << UInt64(back)
    return true
  }
}
