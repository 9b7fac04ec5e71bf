import IPv8Wire

/// Which introductions of one peer were heard, so that none counts twice.
///
/// An introduction is news if its id was not heard and it is later than the oldest one remembered:
/// two of one call come by way of two introducers, in any order.
struct IntroductionHistory: Sendable {
  static let limit = 16

  /// In the order of their times.
  private var heard: [(time: WallTime, id: IntroductionID)] = []

  /// Whether it is news; remembers it if so.
  mutating func take(_ id: IntroductionID, at time: WallTime) -> Bool {
    guard !heard.contains(where: { $0.id == id }) else { return false }
    if heard.count == Self.limit {
      guard time > heard[0].time else { return false }
      heard.removeFirst()
    }
    let place = heard.firstIndex { $0.time > time } ?? heard.count
    heard.insert((time, id), at: place)
    return true
  }
}
