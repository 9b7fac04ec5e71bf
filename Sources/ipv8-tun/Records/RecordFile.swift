import Foundation
import IPv8Control

/// A file of records that a command was given and could not use.
struct RecordFileError: ExplainedError {
  let path: String
  let isOutput: Bool

  var explanation: String {
    "file \(path): cannot be \(isOutput ? "written" : "read"); check that it exists and is yours"
  }
  var exitCode: ExitCode { isOutput ? .cannotCreate : .noInput }
}

/// Files of lines.
enum RecordFile {
  static func create(_ path: String) throws(RecordFileError) -> FileHandle {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw RecordFileError(path: path, isOutput: true) }
    return handle
  }

  /// - Parameter path: nil for standard output, whose reader may go.
  static func write(_ lines: [String], to handle: FileHandle, named path: String?) throws {
    guard !lines.isEmpty else { return }
    do {
      try handle.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
    } catch {
      guard let path else { Terminal.exit(.success) }
      throw RecordFileError(path: path, isOutput: true)
    }
  }

  /// - Parameter path: nil or `-` for standard input.
  static func open(_ path: String?) throws(RecordFileError) -> FileHandle {
    guard let path, path != "-" else { return .standardInput }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw RecordFileError(path: path, isOutput: false)
    }
    return handle
  }
}

/// Reads lines, of which no more than a limit is kept.
struct LineReader {
  private static let chunk = 64 << 10

  private let handle: FileHandle
  private let limit: Int
  private var rest = Data()
  private var isAtEnd = false

  /// - Parameter limit: bytes that are kept of a line.
  init(_ handle: FileHandle, limit: Int) {
    self.handle = handle
    self.limit = limit
  }

  /// The next line; nil behind the last.
  mutating func next() throws -> String? {
    var line = Data()
    var hasLine = false
    while true {
      if rest.isEmpty, !isAtEnd {
        rest = try handle.read(upToCount: Self.chunk) ?? Data()
        isAtEnd = rest.isEmpty
      }
      guard !isAtEnd else {
        return hasLine ? String(decoding: line, as: UTF8.self) : nil
      }
      hasLine = true
      let end = rest.firstIndex(of: 0x0a)
      let part = rest[..<(end ?? rest.endIndex)]
      line += part.prefix(max(0, limit - line.count))
      guard let end else {
        rest = Data()
        continue
      }
      rest = rest[(end + 1)...]
      return String(decoding: line, as: UTF8.self)
    }
  }
}
