import ArgumentParser

struct FriendsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "friends", abstract: "Say whom you trust, from what other programs know.",
    subcommands: [
      FriendsList.self, FriendsPath.self, FriendsImport.self, FriendsProve.self,
    ])
}
