import ArgumentParser
import IPv8Control

struct Identify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "id", abstract: "Show who this machine is.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let identity = try state.answer { backend async throws(ControlError) in
      try await backend.identity()
    }
    if output.json { try Terminal.printJSON(identity) } else { Terminal.print(identity.text) }
  }
}
