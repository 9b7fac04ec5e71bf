import ArgumentParser
import IPv8Control

struct FriendsPath: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path",
    abstract: "Show by which friends of friends a peer is known.",
    discussion: """
      The strongest chain, then the shortest ones that share nobody between, so that no single peer \
      can have made all of them up. Where it would take too long to tell which chain is the \
      strongest, it is one of at least three quarters of that strength, and marked as not proven.
      """)

  @Argument(help: PeerArgument.help) var peer: String
  @Option(help: ArgumentHelp("Chains that share nobody, 1 to 16.", valueName: "number"))
  var count = 3
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard FriendPathsReport.countRange.contains(count) else {
      throw ValidationError("--count must be 1 to 16")
    }
  }

  func run() throws {
    let selector = try PeerArgument.selector(peer)
    let daemon = try state.daemon()
    let count = count
    let report = try Waiting.run { () async throws(ControlError) in
      try await daemon.friendPaths(selector, count: count)
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}

struct FriendsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show whom this machine calls friends.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = try state.daemon()
    let report = try Waiting.run { () async throws(ControlError) in try await daemon.friends() }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}
