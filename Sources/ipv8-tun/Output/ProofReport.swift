import IPv8Social

/// How to prove that an account is the user's.
struct ProofReport: Codable, Equatable {
  var account: String
  var permID: String
  /// The line to be signed.
  var statement: String
  /// The commands that sign it, each making the whole proof; nil where the account is another kind of
  /// key.
  var ssh: String?
  var openPGP: String?

  init(_ statement: AccountStatement) {
    account = "\(statement.account)"
    permID = "\(statement.permID)"
    self.statement = "\(statement)"
    let file = statement.account.network == .ssh ? "ssh" : statement.account.fileName
    // No account's text has a quote in it.
    let line = "printf '%s\\n' '\(statement)'"
    if statement.account.network != .openPGP {
      ssh = """
        { \(line); \(line) | ssh-keygen -Y sign -n \(AccountStatement.namespace) \
        -f ~/.ssh/id_ed25519; } >\(file).proof
        """
    }
    switch statement.account.network {
    case .ssh: break
    case .openPGP:
      openPGP = "\(line) | gpg --clear-sign --local-user \(statement.account.name) >\(file).proof"
    case .gitHub, .mastodon: openPGP = "\(line) | gpg --clear-sign >\(file).proof"
    }
  }

  var text: String {
    var parts = [statement, "Sign this line with an Ed25519 key that the account has published."]
    if let ssh { parts.append("By an SSH key:\n\n  \(ssh)") }
    if let openPGP { parts.append("By an OpenPGP key:\n\n  \(openPGP)") }
    return parts.joined(separator: "\n\n")
  }
}

extension Account {
  /// Its name, as far as a file's may have its characters.
  fileprivate var fileName: String { String(name.map { $0 == ":" ? "-" : $0 }) }
}
