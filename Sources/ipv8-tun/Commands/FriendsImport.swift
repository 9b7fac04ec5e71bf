import ArgumentParser
import IPv8Control
import IPv8Daemon
import IPv8Social
import IPv8Wire

struct FriendsImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Sign that the people of a file are friends.",
    discussion: """
      Reads contacts as vCard or CSV, and those whom you follow as GitHub's JSON or Mastodon's CSV. \
      These name accounts: who an account is on the overlay, its proof says, signed with an SSH or \
      OpenPGP key that the account has published. Everyone can read what is signed; strength 0 takes \
      it back. Works while the daemon is down, too.
      """)

  @Argument(help: ArgumentHelp("The contacts, at most 16 MiB.", valueName: "file"))
  var file: String

  @Option(
    help: ArgumentHelp(
      "vcard, csv, github or mastodon, where it cannot be guessed.", valueName: "format"))
  var format: String?

  @Option(help: ArgumentHelp("Proofs of accounts, one after another.", valueName: "file"))
  var proofs: String?

  @Option(
    name: .customLong("keys"), parsing: .singleValue,
    help: ArgumentHelp(
      """
      Published keys: NAME.keys and NAME.gpg as GitHub has them, or allowed_signers; can be given \
      up to 1024 times.
      """, valueName: "file"))
  var keys: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      How much you trust those for whom the file does not say (default: what was signed before, else \
      0.5).
      """, valueName: "0-1"))
  var strength: Double?

  @Flag(help: "Add them as peers, too.")
  var add = false

  @Flag(help: "Only show what would be signed.")
  var dryRun = false

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let strength, !(0...1).contains(strength) {
      throw ValidationError("--strength \(strength): must be 0 to 1")
    }
    if let format, ContactFormat(rawValue: format) == nil {
      throw ValidationError("--format \(format): must be vcard, csv, github or mastodon")
    }
    guard keys.count <= 1024 else { throw ValidationError("--keys: at most 1024 files") }
  }

  func run() throws {
    let files = try FriendFiles(
      contacts: file, format: format.flatMap(ContactFormat.init(rawValue:)), proofs: proofs,
      keys: keys)
    let report = try signed(files)
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }

  /// All in one answer: each takes the state directory anew where no daemon runs.
  private func signed(_ files: FriendFiles) throws(ControlError) -> FriendImportReport {
    let (file, strength, adds, isDry) = (file, strength, add, dryRun)
    do {
      return try state.answer { backend async throws(ControlError) in
        let own = PermID(text: try await backend.identity().permID)
        var report = FriendImportReport(files, file: file, strength: strength, own: own)
        if isDry || report.friends.isEmpty { return report }
        report.friends = try await Self.sign(report.friends, backend)
        if adds { report.friends = try await Self.add(report.friends, backend) }
        return report
      }
    } catch {
      // Before the first `up` nothing can be signed, but looked at.
      guard isDry, error.code == .identityMissing || error.code == .stateMissing else {
        throw error
      }
      return FriendImportReport(files, file: file, strength: strength, own: nil)
    }
  }

  private static func sign(
    _ friends: [FriendReport], _ backend: any ControlBackend
  ) async throws(ControlError) -> [FriendReport] {
    guard friends.count <= RelationWish.limit else {
      throw ControlError(.tooManyRelations, "\(RelationWish.limit)")
    }
    let signed = try await backend.signRelations(
      friends.map {
        RelationWish(permID: $0.permID, strength: $0.strength, keepsPrevious: $0.isStandard)
      })
    guard signed.count == friends.count else {
      throw ControlError(.internalError, "an answer of another length")
    }
    return zip(friends, signed).map { friend, relation in
      var friend = friend
      friend.relation = relation.isNew ? .signed : .known
      friend.strength = relation.strength
      return friend
    }
  }

  /// Adds those who are no contacts; a name that another contact has is left out.
  private static func add(
    _ friends: [FriendReport], _ backend: any ControlBackend
  ) async throws(ControlError) -> [FriendReport] {
    let known = Set(try await backend.peers().map(\.permID))
    var added: [FriendReport] = []
    for friend in friends {
      var friend = friend
      if known.contains(friend.permID) {
        friend.contact = .known
      } else if let permID = PermID(text: friend.permID) {
        do throws(ControlError) {
          _ = try await backend.addPeer(permID, PeerAddition(name: friend.name))
          friend.contact = .added
        } catch {
          guard error.code == .nameTaken || error.code == .nameInvalid else { throw error }
          _ = try await backend.addPeer(permID, PeerAddition())
          friend.contact = .addedWithoutName
        }
      }
      added.append(friend)
    }
    return added
  }
}
