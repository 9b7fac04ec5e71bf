import ArgumentParser

struct PeerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer", abstract: "Keep the address book: who may open a session.",
    subcommands: [PeerAdd.self, PeerRemove.self, PeerList.self])
}
