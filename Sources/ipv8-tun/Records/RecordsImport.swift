import ArgumentParser
import Foundation
import IPv8Control

struct RecordsImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take in records that were exported.",
    discussion: """
      Each record's signature is checked; a line that is no good record is named and left out. What \
      is known already stays, so that importing again changes nothing. Exits with 65 where a line was \
      refused for another reason than its age. Works while the daemon is down, too.
      """)

  /// Refused lines that are named.
  private static let namedLimit = 100

  @Argument(help: ArgumentHelp("What to read; standard input unless given.", valueName: "file"))
  var file: String?

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var reader = LineReader(try RecordFile.open(file), limit: 8_192)
    let backend = try state.backend(creating: true)
    var total = RecordImportReport()
    var batch = RecordImport(lines: [], firstLine: 1)
    var (number, bytes) = (0, 0)
    while let line = try nextLine(&reader) {
      number += 1
      guard !line.allSatisfy(\.isWhitespace) else {
        // A batch is of lines that follow each other.
        try send(&batch, &bytes, to: backend, into: &total, next: number + 1)
        continue
      }
      let size = Self.encodedSize(of: line)
      if bytes + size > RecordImport.byteLimit {
        try send(&batch, &bytes, to: backend, into: &total, next: number)
      }
      batch.lines.append(line)
      bytes += size
    }
    try send(&batch, &bytes, to: backend, into: &total, next: number + 1)
    try report(total, lines: number)
  }

  private func nextLine(_ reader: inout LineReader) throws -> String? {
    do { return try reader.next() } catch {
      throw RecordFileError(path: file ?? "standard input", isOutput: false)
    }
  }

  private func send(
    _ batch: inout RecordImport, _ bytes: inout Int, to backend: any ControlBackend,
    into total: inout RecordImportReport, next: Int
  ) throws(ControlError) {
    if !batch.lines.isEmpty {
      let answer = try Waiting.run { [batch] () async throws(ControlError) in
        try await backend.importRecords(batch)
      }
      total.stored += answer.stored
      total.known += answer.known
      total.refused += answer.refused
    }
    batch = RecordImport(lines: [], firstLine: next)
    bytes = 0
  }

  private func report(_ total: RecordImportReport, lines: Int) throws {
    if output.json {
      try Terminal.printJSON(total)
    } else {
      for refusal in total.refused.prefix(Self.namedLimit) {
        Terminal.warn("line \(refusal.line): \(refusal.reason)")
      }
      let more = total.refused.count - Self.namedLimit
      if more > 0 { Terminal.warn("\(more) more refused lines") }
      Terminal.print(
        "\(total.stored) stored, \(total.known) known, \(total.refused.count) refused")
    }
    if total.refused.contains(where: { $0.reason != "expired" }) { Terminal.exit(.data) }
  }

  /// Bytes that `line` has as a JSON string in a list.
  private static func encodedSize(of line: String) -> Int {
    line.utf8.reduce(3) { size, byte in
      switch byte {
      case 0x22, 0x5c: size + 2
      case ..<0x20: size + 6
      default: size + 1
      }
    }
  }
}
