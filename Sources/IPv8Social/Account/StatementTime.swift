import IPv8Wire

/// The time of a statement: RFC 3339 in UTC, to the second, `2026-11-30T23:10:00Z`.
enum StatementTime {
  static let textLength = 20
  private static let daySeconds: UInt64 = 86_400

  /// Nil unless `text` is just of this form, a time that exists, and of 1970 to 9999.
  static func parse(_ text: some StringProtocol) -> WallTime? {
    let bytes = Array(text.utf8)
    let pattern = Array("0000-00-00T00:00:00Z".utf8)
    guard bytes.count == textLength,
      zip(bytes, pattern).allSatisfy({ $1.isDigit ? $0.isDigit : $0 == $1 })
    else { return nil }
    func number(_ range: Range<Int>) -> UInt64 {
      bytes[range].reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
    }
    let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
    let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
    guard year >= 1970, hour < 24, minute < 60, second < 60 else { return nil }
    let seconds = days(year, month, day) * daySeconds + hour * 3600 + minute * 60 + second
    let time = WallTime(milliseconds: seconds * 1000)
    // What has no such day has another text.
    guard (1...12).contains(month), day >= 1, self.text(time).utf8.elementsEqual(bytes) else {
      return nil
    }
    return time
  }

  /// Fractions of a second are left out.
  static func text(_ time: WallTime) -> String {
    let seconds = time.milliseconds / 1000
    let (year, month, day) = date(seconds / daySeconds)
    let rest = seconds % daySeconds
    func padded(_ value: UInt64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
      + padded(rest / 3600, 2) + ":" + padded(rest / 60 % 60, 2) + ":" + padded(rest % 60, 2) + "Z"
  }

  // Years are counted from March, so that the leap day is the last one; eras are 400 years.

  /// Days from 1970-01-01 to a date of the Gregorian calendar, from 1970 on.
  private static func days(_ year: UInt64, _ month: UInt64, _ day: UInt64) -> UInt64 {
    let start = month <= 2 ? year - 1 : year
    let yearOfEra = start % 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day
    return start / 400 * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
      - 719_469
  }

  private static func date(_ days: UInt64) -> (year: UInt64, month: UInt64, day: UInt64) {
    let shifted = days + 719_468
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let place = (5 * dayOfYear + 2) / 153
    let month = place < 10 ? place + 3 : place - 9
    let year = yearOfEra + shifted / 146_097 * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * place + 2) / 5 + 1)
  }
}
