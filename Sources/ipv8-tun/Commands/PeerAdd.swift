import ArgumentParser
import IPv8Control
import IPv8Wire

struct PeerAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a peer, or change one.",
    discussion: """
      What is not given stays as it was; given endpoints replace the known ones. Works while the \
      daemon is down, too.
      """)

  @Argument(help: ArgumentHelp("The peer's PermID.", valueName: "permid"))
  var permID: String

  @Option(help: ArgumentHelp("A name for it on this machine.", valueName: "name"))
  var name: String?

  @Option(
    name: .customLong("endpoint"), parsing: .singleValue,
    help: ArgumentHelp(
      "Where it may be found, also https://host[:port]; can be given up to 16 times.",
      valueName: "host:port"))
  var endpoints: [String] = []

  @Flag(help: "Keep a session open even without traffic.")
  var keepOpen = false

  @Option(
    help: ArgumentHelp(
      "Sign, for everyone to read, that it is a friend: 0 to 1.", valueName: "strength"))
  var trust: Double?

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let peer = PermID(text: permID) else { throw ControlError(.permIDMalformed, permID) }
    let addition = PeerAddition(
      name: name, endpoints: endpoints, keepOpen: keepOpen ? true : nil)
    let trust = trust
    let report = try state.answer(creating: true) { backend async throws(ControlError) in
      let report = try await backend.addPeer(peer, addition)
      if let trust {
        let wish = RelationWish(permID: "\(peer)", strength: trust)
        _ = try await backend.signRelations([wish])
      }
      return report
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.address6) }
  }
}
