import Foundation
import IPv8Control
import Testing

@Suite(.serialized) struct FriendsTests {
  let program = Program()
  // The key of RFC 8032, section 7.1, test 1, and the public one of test 2.
  let seed = "tvq3dhpp7vngbouejl2jf3bmyrcetrljpmzgsglqhowaghfop5qa"
  let ada = "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena"
  let bob = "hvabpq7iioevvevxbktu2g36xsojqlgpf3cjndgazvk7ckxumyga"

  struct Report: Decodable {
    struct Friend: Decodable {
      let line: Int
      let permID: String
      let name: String?
      let account: String?
      let strength: Double
      let relation: String?
      let contact: String?
    }
    struct Refusal: Decodable {
      let file: String
      let line: Int
      let reason: String
    }
    let format: String
    let friends: [Friend]
    let refused: [Refusal]
  }

  init() throws {
    try FileManager.default.createDirectory(
      atPath: program.state, withIntermediateDirectories: false)
    try file("identity.key", "ipv8-identity-v1 \(seed) \(ada)\n")
  }

  @discardableResult
  private func file(_ name: String, _ text: String) throws -> String {
    let path = "\(program.state)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    return path
  }

  private func json(_ arguments: String...) throws -> Report {
    let outcome = try Program.run(
      ["friends", "import"] + arguments + ["--json", "--state", program.state])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome)")
    return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
  }

  /// Of the tests of the readers.
  private func sample(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("IPv8SocialTests/Data/\(name)").path
  }

  @Test("contacts are signed once, added where asked, and shown with what was refused")
  func contacts() throws {
    let list = try file(
      "list.csv",
      "permid,name,strength\n\(bob),Bob,0.25\n\(ada),me,\n\(bob),again,\nx\u{1b}[2J,y,z\n")
    let dry = try json(list, "--dry-run")
    #expect(dry.format == "csv" && dry.friends.map(\.relation) == [nil])
    let first = try json(list)
    #expect(first.friends.map(\.permID) == [bob] && first.friends[0].strength == 0.25)
    #expect(first.friends.map(\.relation) == ["signed"] && first.friends[0].contact == nil)
    #expect(first.refused.map(\.line) == [3, 4, 5] && first.refused.allSatisfy { $0.file == list })
    #expect(first.refused.map(\.reason)[..<2] == ["this machine itself", "the peer of line 2"])
    let second = try json(list, "--add")
    #expect(second.friends.map(\.relation) == ["known"])
    #expect(second.friends.map(\.contact) == ["added"])
    #expect(try json(list, "--add").friends.map(\.contact) == ["known"])
    let text = try program.run("friends", "import", list).output
    #expect(
      text.hasPrefix("LINE  NAME  PERMID")
        && text.contains("\(list):5: PermID x\u{fffd}[2J: no valid key"))
    #expect(text.hasSuffix("1 found, 0 signed, 0 added as peers, 3 refused\n"))
    #expect(try program.run("peer", "list").output.contains("Bob"))
    // What was said stays where neither the file nor the user says otherwise.
    let plain = try file("plain.csv", "permid\n\(bob)\n")
    #expect(try json(plain).friends.map(\.strength) == [0.25])
    let changed = try json(plain, "--strength", "0.75").friends
    #expect(changed.map(\.strength) == [0.75] && changed.map(\.relation) == ["signed"])
    #expect(try json(plain, "--dry-run").friends.map(\.strength) == [0.5])
  }

  @Test("accounts are signed where a proof says who they are")
  func accounts() throws {
    let list = try file("following.json", #"[{"login":"OctoCat"},{"login":"nobody"}]"#)
    let without = try json(list)
    #expect(without.friends.isEmpty && without.refused.count == 2)
    // The sample's octocat is this machine; the other one is not.
    let keys = ["--keys", sample("octocat.keys"), "--keys", sample("allowed_signers")]
    let follows = try file(
      "follows.csv", "Account address,Show boosts\nbob@example.org,true\n")
    let outcome = try Program.run(
      [
        "friends", "import", follows, "--proofs", sample("ssh.proofs"), "--json", "--strength",
        "0.9",
      ]
        + keys + ["--state", program.state])
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.format == "mastodon" && report.friends.map(\.permID) == [bob])
    #expect(report.friends[0].account == "mastodon:bob@example.org")
    #expect(report.friends[0].strength == 0.9 && report.friends[0].relation == "signed")
    #expect(report.refused.map(\.line) == [2, 4])
  }

  @Test("a file that cannot be read or is of no known format is one line")
  func unreadable() throws {
    let missing = try program.run("friends", "import", "/nonexistent.csv")
    #expect(missing.status == ExitCode.noInput.rawValue && missing.errorLines.count == 1)
    #expect(missing.error.contains("/nonexistent.csv: cannot be read"))
    let other = try program.run("friends", "import", try file("x.txt", "hello\n"))
    #expect(other.status == ExitCode.usage.rawValue && other.error.contains("--format"))
  }

  @Test("one's own card is what import reads, and what is to be signed is printed with its command")
  func own() throws {
    let card = try program.run("id", "--vcard").output
    #expect(
      card.hasPrefix("BEGIN:VCARD\r\nVERSION:4.0\r\n") && card.contains("URL:ipv8:\(ada)\r\n"))
    let report = try json(try file("me.vcf", card))
    #expect(report.format == "vcard" && report.refused.map(\.reason) == ["this machine itself"])
    let proof = try program.run("friends", "prove", "GitHub:OctoCat").output
    let line = proof.prefix { $0 != "\n" }
    #expect(
      line.hasPrefix("ipv8-tun: I am github:octocat and my PermID is \(ada), as of 20"))
    #expect(proof.contains("ssh-keygen -Y sign -n ipv8-tun") && proof.contains("gpg --clear-sign"))
  }

  @Test("the printed commands make a proof that counts")
  func signedByOthers() throws {
    // A shell, as the user has; openssh-client and gnupg are packages of the tests.
    let home = try file("unused", "")
    let directory = URL(fileURLWithPath: home).deletingLastPathComponent().path
    let script = """
      set -e; cd '\(directory)'; mkdir -p .ssh; export HOME=$PWD GNUPGHOME=$PWD/gnupg
      mkdir -pm 700 gnupg
      ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519
      (cut -d' ' -f1,2 .ssh/id_ed25519.pub) >octocat.keys
      gpg --batch --quiet --passphrase '' --quick-generate-key a@example.org ed25519 default never
      gpg --armor --export a@example.org >mona.gpg
      for part in "$1" "$2"; do eval "$part"; done 2>/dev/null
      gpgconf --kill all
      """
    func command(_ account: String, _ word: String) throws -> String {
      let output = try program.run("friends", "prove", account).output
      let line = output.split(separator: "\n").first { $0.hasPrefix("  ") && $0.contains(word) }
      return String(try #require(line))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [
      "-c", script, "sh", try command("github:octocat", "ssh-keygen"),
      try command("github:mona", "gpg"),
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    var proofs = ""
    for name in ["octocat", "mona"] {
      proofs += try String(contentsOfFile: "\(directory)/\(name).proof", encoding: .utf8)
    }
    let report = try json(
      try file("both.json", #"[{"login":"octocat"},{"login":"mona"}]"#), "--proofs",
      try file("both.proofs", proofs), "--keys", directory + "/octocat.keys", "--keys",
      directory + "/mona.gpg")
    #expect(report.refused.map(\.reason) == ["this machine itself", "this machine itself"])
  }
}
