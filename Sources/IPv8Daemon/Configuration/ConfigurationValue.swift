/// A value as it was given, before its key says what it must be.
enum ConfigurationValue: Equatable {
  case text(String)
  case number(Int)
  case fraction(Double)
  case flag(Bool)
  case list([String])
  /// A type that no key takes, by its text.
  case other(String)
}

extension ConfigurationValue: CustomStringConvertible {
  var description: String {
    switch self {
    case .text(let text): "\"\(text)\""
    case .number(let number): "\(number)"
    case .fraction(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .list(let texts): "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    case .other(let text): text
    }
  }
}
