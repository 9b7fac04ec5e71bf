/// Numbers as a person reads them.
enum Units {
  /// `3.217 ms`
  static func milliseconds(fromMicroseconds microseconds: Int) -> String {
    "\(microseconds / 1000).\(padded(microseconds % 1000)) ms"
  }

  /// `25 s`, `1.6 s`
  static func seconds(fromMilliseconds milliseconds: Int) -> String {
    let tenths = milliseconds % 1000 / 100
    return "\(milliseconds / 1000)" + (tenths > 0 ? ".\(tenths) s" : " s")
  }

  /// `980 B`, `1.2 kB`, `3.4 GB`
  static func bytes(_ count: Int) -> String {
    guard count >= 1000 else { return "\(count) B" }
    var tenths = count / 100
    var unit = 0
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    while tenths >= 10_000, unit < units.count - 1 {
      tenths /= 1000
      unit += 1
    }
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// `980 bit/s`, `1.2 Mbit/s`
  static func rate(_ bitsPerSecond: Int) -> String {
    guard bitsPerSecond >= 1000 else { return "\(bitsPerSecond) bit/s" }
    var tenths = bitsPerSecond / 100
    var unit = 0
    let units = ["kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]
    while tenths >= 10_000, unit < units.count - 1 {
      tenths /= 1000
      unit += 1
    }
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// `0.25 %` of a ratio 0...1.
  static func percent(_ ratio: Double) -> String {
    let hundredths = Int((min(max(ratio, 0), 1) * 10_000).rounded())
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
  }

  /// `0.3 s`, `45 s`, `12 min`
  static func age(microseconds: Int) -> String {
    microseconds < 60_000_000
      ? seconds(fromMilliseconds: microseconds / 1000)
      : duration(seconds: microseconds / 1_000_000)
  }

  /// `45 s`, `12 min`, `3 h 5 min`, `2 d 4 h`
  static func duration(seconds: Int) -> String {
    switch seconds {
    case ..<60: "\(seconds) s"
    case ..<3600: "\(seconds / 60) min"
    case ..<86_400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    default: "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
    }
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}
