import ArgumentParser
import IPv8Control

struct PeerRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a peer and end its session.",
    discussion: "Works while the daemon is down, too.")

  @Argument(help: PeerArgument.help)
  var peer: String

  @OptionGroup var state: StateOptions

  func run() throws {
    let selector = try PeerArgument.selector(peer)
    try state.answer { backend async throws(ControlError) in
      try await backend.removePeer(selector)
    }
  }
}
