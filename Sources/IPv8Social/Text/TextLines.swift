/// A file's lines one after another, with or without carriage returns, the first numbered 1. A byte
/// order mark in front is none of the text. What is over the limit is cut, and says so.
struct TextLines {
  struct Line {
    let number: Int
    let bytes: ArraySlice<UInt8>
    /// It went on behind these bytes.
    let isCut: Bool
  }

  private let bytes: [UInt8]
  private let limit: Int
  private var offset: Int
  private(set) var number = 0

  /// - Parameter limit: bytes of a line.
  init(_ bytes: [UInt8], limit: Int) {
    self.bytes = bytes
    self.limit = limit
    offset = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
  }

  /// The next line without its end; nil behind the last.
  mutating func next() -> Line? {
    guard offset < bytes.count else { return nil }
    let end = bytes[offset...].firstIndex(of: .newline) ?? bytes.count
    var line = bytes[offset..<end]
    if line.last == .carriageReturn { line = line.dropLast() }
    offset = min(end + 1, bytes.count)
    number += 1
    return Line(number: number, bytes: line.prefix(limit), isCut: line.count > limit)
  }

  /// As ``next()``, but does not go on.
  var following: Line? {
    var copy = self
    return copy.next()
  }
}
