import ArgumentParser
import IPv8Control

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the interface, the peers and the paths to them.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = try state.daemon()
    let status = try Waiting.run { () async throws(ControlError) in try await daemon.status() }
    if output.json { try Terminal.printJSON(status) } else { Terminal.print(status.text) }
  }
}
