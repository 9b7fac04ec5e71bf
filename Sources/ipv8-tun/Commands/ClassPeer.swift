import ArgumentParser
import IPv8Control

struct ClassPeer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer", abstract: "Declare the class of what to a peer has no other.",
    discussion: "Of all packets that are of no declared flow and whose DSCP says nothing.")

  @Argument(help: PeerArgument.help) var peer: String
  @OptionGroup var wish: ClassOptions
  @OptionGroup var state: StateOptions

  func run() throws {
    try wish.declare(.peer(try PeerArgument.selector(peer)), with: try state.daemon())
  }
}
