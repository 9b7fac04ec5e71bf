import IPv8Platform
import TOMLKit

extension Configuration {
  /// Bytes of a configuration file.
  public static let fileLimit = 64 << 10

  /// The defaults, changed by the file at `path`.
  public init(contentsOf path: String) throws(ConfigurationError) {
    let file: FileContents
    do throws(FileError) {
      file = try File.read(path, limit: Self.fileLimit)
    } catch {
      if error == .tooLarge { throw .tooLarge(file: path, limit: Self.fileLimit) }
      throw .unreadable(file: path, reason: error.text)
    }
    try self.init(toml: String(decoding: file.bytes, as: UTF8.self), file: path)
  }

  /// The defaults, changed by `toml`; errors name `file`.
  init(toml: String, file: String) throws(ConfigurationError) {
    let table = try Self.table(toml, file: file)
    for key in table.keys.sorted() {
      guard let known = ConfigurationKey(rawValue: key) else {
        throw .unknownKey(file: file, key: key)
      }
      try set(known, to: Self.value(table[key]), file: file)
    }
  }

  private static func table(_ toml: String, file: String) throws(ConfigurationError) -> TOMLTable {
    if let line = unusedSyntax(in: toml) {
      throw .malformed(file: file, line: line, column: 1, reason: "tables are not used here")
    }
    do {
      return try TOMLTable(string: toml)
    } catch let error as TOMLParseError {
      let reason = error.description.split(whereSeparator: \.isNewline).joined(separator: " ")
      throw .malformed(
        file: file, line: error.source.begin.line, column: error.source.begin.column,
        reason: reason)
    } catch {
      throw .malformed(file: file, line: 1, column: 1, reason: "\(error)")
    }
  }

  /// The first line, from 1, with a table or a string of several lines, which could hide one: no key
  /// needs them, and the library ends the process on some of them, such as "[=]" and "key = [}".
  private static func unusedSyntax(in toml: String) -> Int? {
    var line = 1
    var isStart = true
    var isComment = false
    var isEscaped = false
    var quote: Unicode.Scalar?
    var before: (Unicode.Scalar, Unicode.Scalar) = (" ", " ")
    for scalar in toml.unicodeScalars {
      let isThird = before == (scalar, scalar)
      before = (before.1, scalar)
      if scalar == "\n" {
        line += 1
        (isStart, isComment, isEscaped, quote) = (true, false, false, nil)
      } else if let open = quote {
        if scalar == open, !isEscaped { quote = nil }
        isEscaped = scalar == "\\" && open == "\"" && !isEscaped
      } else if isComment {
        isComment = !Character(scalar).isNewline
      } else if scalar == "\"" || scalar == "'" {
        guard !isThird else { return line }
        (isStart, quote) = (false, scalar)
      } else if scalar == "#" {
        isComment = true
      } else if scalar == "{" || scalar == "}" || scalar == "[" && isStart {
        return line
      } else if !Character(scalar).isWhitespace, scalar != "\u{feff}" {
        isStart = false
      }
    }
    return nil
  }

  private static func value(_ value: (any TOMLValueConvertible)?) -> ConfigurationValue {
    if let text = value?.string { return .text(text) }
    if let number = value?.int { return .number(number) }
    if let fraction = value?.double { return .fraction(fraction) }
    if let flag = value?.bool { return .flag(flag) }
    if let array = value?.array {
      let texts = array.compactMap(\.string)
      if texts.count == array.count { return .list(texts) }
    }
    return .other(value.map { "a \($0.type)" } ?? "nothing")
  }
}
