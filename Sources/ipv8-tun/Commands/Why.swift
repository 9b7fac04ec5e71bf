import ArgumentParser
import IPv8Control

struct Why: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain why the path to a peer is what it is.",
    discussion: """
      What both ends are behind, what was tried and what became of it, and the one change that \
      would make a path direct that is not.
      """)

  @Argument(help: PeerArgument.help) var peer: String
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let selector = try PeerArgument.selector(peer)
    let daemon = try state.daemon()
    let report = try Waiting.run { () async throws(ControlError) in try await daemon.why(selector) }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}
