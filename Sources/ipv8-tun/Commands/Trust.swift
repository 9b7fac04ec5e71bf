import ArgumentParser
import IPv8Control

struct Trust: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show why a peer is trusted or not, or say how much it is.",
    discussion: """
      Without a strength: the scores, by what paths they come, and who said what of the peer. With \
      one, 0 to 1: signs that the peer is a friend, for everyone to read; 0 takes it back.
      """)

  @Argument(help: PeerArgument.help) var peer: String
  @Argument(help: ArgumentHelp("0 to 1.", valueName: "strength")) var strength: Double?
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let selector = try PeerArgument.selector(peer)
    let daemon = try state.daemon()
    let strength = strength
    let report = try Waiting.run { () async throws(ControlError) in
      guard let strength else { return try await daemon.trust(selector) }
      let permID = try await daemon.trust(selector).permID
      _ = try await daemon.signRelations([RelationWish(permID: permID, strength: strength)])
      return try await daemon.trust(selector)
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}
