import ArgumentParser
import Foundation
import IPv8Control

struct RecordsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show how many records there are, and how old they are.",
    discussion: "Works while the daemon is down, too.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let report = try state.answer { backend async throws(ControlError) in
      try await backend.records()
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}

extension RecordsReport {
  var text: String {
    var table = Table("RECORDS", "COUNT", "OLDEST", "NEWEST")
    for (name, kind) in [
      ("bindings", bindings), ("relations", relations), ("contradictions", contradictions),
    ] {
      table.add(
        name, "\(kind.count)", Self.time(kind.oldestMilliseconds),
        Self.time(kind.newestMilliseconds))
    }
    return table.text + "\nof \(peers) peers, \(Units.bytes(bytes))"
  }

  /// `2026-11-30 23:59:59` in UTC.
  private static func time(_ milliseconds: Int?) -> String {
    guard let milliseconds else { return "-" }
    let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
    let text = date.formatted(.iso8601.dateTimeSeparator(.space))
    return text.hasSuffix("Z") ? String(text.dropLast()) : text
  }
}
