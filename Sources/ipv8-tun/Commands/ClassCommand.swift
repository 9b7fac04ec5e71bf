import ArgumentParser

struct ClassCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "class", abstract: "Show or say which traffic to a peer goes first.",
    discussion: """
      What waits for leave to be sent to a peer is interactive, normal or background, by the DSCP of \
      its packets, or as said here. The classes weigh one peer's traffic against each other, not \
      peers.
      """,
    subcommands: [ClassList.self, ClassFlow.self, ClassPeer.self],
    defaultSubcommand: ClassList.self)
}
