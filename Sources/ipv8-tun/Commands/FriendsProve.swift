import ArgumentParser
import IPv8Control
import IPv8Daemon
import IPv8Social
import IPv8Wire

struct FriendsProve: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove", abstract: "Show how to prove that an account is yours.",
    discussion: """
      Prints the statement to be signed with a key that the account has published, and the command \
      that does it. What comes out is for everyone who follows the account. Works while the daemon \
      is down, too.
      """)

  @Argument(
    help: ArgumentHelp(
      """
      github:NAME, mastodon:NAME@HOST, ssh:SHA256:FINGERPRINT or openpgp4fpr:FINGERPRINT.
      """, valueName: "account"))
  var account: String

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let account = Account(text: account) else {
      throw ValidationError(
        "account \(account): must be github:NAME, mastodon:NAME@HOST, ssh:SHA256:… or openpgp4fpr:…"
      )
    }
    let identity = try state.answer { backend async throws(ControlError) in
      try await backend.identity()
    }
    guard let permID = PermID(text: identity.permID) else {
      throw ControlError(.permIDMalformed, identity.permID)
    }
    let report = ProofReport(AccountStatement(account: account, permID: permID))
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}
