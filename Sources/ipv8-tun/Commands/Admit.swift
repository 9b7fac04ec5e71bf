import ArgumentParser
import IPv8Control

struct Admit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show or say whom to let in.",
    discussion: """
      added: contacts alone. trusted: contacts, and peers that these vouch for. anyone: everyone who \
      is not blocked. What was said stays after restarts, and goes before the configuration file.
      """)

  @Argument(help: ArgumentHelp("added, trusted or anyone.", valueName: "whom")) var admit: String?
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = try state.daemon()
    let admit = admit
    let report = try Waiting.run { () async throws(ControlError) in
      guard let admit else { return try await daemon.admission() }
      return try await daemon.setAdmission(AdmissionRequest(admit: admit))
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}
