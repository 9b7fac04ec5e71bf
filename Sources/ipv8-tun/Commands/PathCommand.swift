import ArgumentParser
import Glibc
import IPv8Control

struct PathCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path",
    abstract: "Show how good the path to a peer is.",
    discussion: """
      Round trips, losses, rates, and the other ways that the peer answered by. With --watch again \
      and again until Ctrl-C, which is a success; with --json too, one line each time.
      """)

  @Argument(help: PeerArgument.help) var peer: String

  @Flag(help: "Show it again and again.")
  var watch = false

  @Option(help: ArgumentHelp("Between two of --watch.", valueName: "seconds"))
  var interval = 1.0

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0.1...60).contains(interval) else {
      throw ValidationError("--interval \(interval): must be 0.1 to 60")
    }
  }

  func run() throws {
    let query = PathQuery.peer(try PeerArgument.selector(peer))
    if watch { return try follow(query) }
    let report = try state.observing { (daemon) async throws(ControlError) in
      try await daemon.path(query)
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }

  private func follow(_ query: PathQuery) throws(ControlError) {
    for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }
    let milliseconds = Int((interval * 1000).rounded())
    let json = output.json
    try state.observing { (daemon) async throws(ControlError) in
      try await daemon.watch(query, every: milliseconds) { (report) throws(ControlError) in
        if json { Terminal.print(try ControlJSON.line(report)) } else { Terminal.show(report.text) }
      }
    }
  }
}
