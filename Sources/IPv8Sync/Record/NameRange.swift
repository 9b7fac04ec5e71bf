/// Names from `lower` to below `upper`; to the last where there is no upper one.
struct NameRange: Equatable, Sendable {
  let lower: UInt64
  let upper: UInt64?

  init(lower: UInt64, upper: UInt64?) {
    self.lower = lower
    self.upper = upper
  }

  init(only name: UInt64) {
    lower = name
    upper = name == .max ? nil : name + 1
  }

  static let all = NameRange(lower: 0, upper: nil)

  func contains(_ name: UInt64) -> Bool { name >= lower && (upper.map { name < $0 } ?? true) }

  var isEmpty: Bool { upper.map { $0 <= lower } ?? false }

  /// Whether no name can part it.
  var isSingle: Bool { upper == nil ? lower == .max : lower + 1 == upper }

  /// The bound in `before`+1 ... `name` with the most zero bytes at its end: fewest bytes to send.
  static func shortestBound(above before: UInt64, upTo name: UInt64) -> UInt64 {
    var mask: UInt64 = 0
    var best = name
    for _ in 0..<7 {
      mask = mask << 8 | 0xff
      let candidate = name & ~mask
      guard candidate > before else { break }
      best = candidate
    }
    return best
  }
}
