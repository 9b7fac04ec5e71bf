/// Lines of an export that are to be taken in.
public struct RecordImport: Codable, Equatable, Sendable {
  /// Bytes of all lines together that one request may hold, JSON's escapes included.
  public static let byteLimit = 48 << 10

  public var lines: [String]
  /// The number of the first line, for what is said of them.
  public var firstLine: Int

  public init(lines: [String], firstLine: Int) {
    self.lines = lines
    self.firstLine = firstLine
  }
}

/// What became of imported lines.
public struct RecordImportReport: Codable, Equatable, Sendable {
  public struct Refusal: Codable, Equatable, Sendable {
    public var line: Int
    /// `malformed`, `tooLong`, `forged`, `fromFuture`, `expired`, `unusableEndpoint`, or what else
    /// the daemon holds against it.
    public var reason: String

    public init(line: Int, reason: String) {
      self.line = line
      self.reason = reason
    }
  }

  /// Records that were new or newer than what was known.
  public var stored: Int
  /// Records that were known, or older than what was known.
  public var known: Int
  public var refused: [Refusal]

  public init(stored: Int = 0, known: Int = 0, refused: [Refusal] = []) {
    self.stored = stored
    self.known = known
    self.refused = refused
  }
}
