import ArgumentParser
import IPv8Control

struct PeerList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the address book.",
    discussion: "Works while the daemon is down, too.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let peers = try state.answer { backend async throws(ControlError) in
      try await backend.peers()
    }
    if output.json { return try Terminal.printJSON(PeerListReport(peers: peers)) }
    guard !peers.isEmpty else { return Terminal.print("no peers") }
    var table = Table("PEER", "PERMID", "ADDRESS6", "ADDRESS4", "ENDPOINTS")
    for peer in peers {
      table.add(
        peer.nameText, peer.permID, peer.address6, peer.address4 ?? "-", peer.whereabouts)
    }
    Terminal.print(table.text)
  }
}
