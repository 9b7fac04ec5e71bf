import ArgumentParser
import IPv8Control

struct Block: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Have nothing to do with a peer: end its session, and never answer it.",
    discussion: "Without a peer: shows who is blocked.")

  @Argument(help: PeerArgument.help) var peer: String?
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = try state.daemon()
    guard let peer else {
      let report = try Waiting.run { () async throws(ControlError) in try await daemon.blocked() }
      if output.json { return try Terminal.printJSON(report) }
      return Terminal.print(
        report.blocked.isEmpty ? "nobody is blocked" : report.blocked.joined(separator: "\n"))
    }
    let selector = try PeerArgument.selector(peer)
    try Waiting.run { () async throws(ControlError) in try await daemon.setBlocked(selector, true) }
  }
}

struct Unblock: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take back that a peer is blocked.")

  @Argument(help: PeerArgument.help) var peer: String
  @OptionGroup var state: StateOptions

  func run() throws {
    let selector = try PeerArgument.selector(peer)
    let daemon = try state.daemon()
    try Waiting.run { () async throws(ControlError) in
      try await daemon.setBlocked(selector, false)
    }
  }
}
