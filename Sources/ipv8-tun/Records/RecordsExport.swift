import ArgumentParser
import Foundation
import IPv8Control

struct RecordsExport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write all records as lines of JSON.",
    discussion: """
      Each line is a record: what it says, and the signed bytes in base64, by which anyone can check \
      it. Works while the daemon is down, too.
      """)

  @Argument(
    help: ArgumentHelp("Where to write; standard output unless given.", valueName: "file"))
  var file: String?

  @OptionGroup var state: StateOptions

  func run() throws {
    let output = try file.map { try RecordFile.create($0) } ?? FileHandle.standardOutput
    let backend = try state.backend()
    var cursor: String?
    repeat {
      let page = try Waiting.run { [cursor] () async throws(ControlError) in
        try await backend.exportRecords(after: cursor)
      }
      try RecordFile.write(page.lines, to: output, named: file)
      cursor = page.next
    } while cursor != nil
  }
}
