import ArgumentParser
import IPv8Control

/// The program: parse, one call, print.
@main
struct IPv8Tun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ipv8-tun",
    abstract: "A network interface that reaches peers by who they are.",
    discussion: """
      Every peer has a PermID, and an IPv6 address that follows from it. Packets to that address \
      travel encrypted, straight to wherever the peer is now.
      """,
    version: ProductVersion.current,
    subcommands: [
      Up.self, Down.self, Status.self, Identify.self, PeerCommand.self, Ping.self,
      PathCommand.self, ClassCommand.self, Why.self, Trust.self, Block.self, Unblock.self,
      Admit.self, FriendsCommand.self, RecordsCommand.self, NetcheckCommand.self, Version.self,
    ])

  /// Like the library's, but a failure is one line, `ipv8-tun: <what> <value>: <why>`.
  ///
  /// Synchronous, because `up --foreground` gives up privileges before there is a second thread.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error as any ExplainedError {
      Terminal.fail(error.explanation, error.exitCode)
    } catch {
      guard exitCode(for: error) != .success else { exit(withError: error) }
      Terminal.fail(usageExplanation(message(for: error)), .usage)
    }
  }

  /// The library's sentence, as the end of a line of ours.
  private static func usageExplanation(_ sentence: String) -> String {
    sentence.prefix(1).lowercased() + sentence.dropFirst() + "; see 'ipv8-tun --help'"
  }
}
