import ArgumentParser

struct FriendsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "friends", abstract: "Say whom you trust, from what other programs know.",
    subcommands: [FriendsImport.self, FriendsProve.self])
}
