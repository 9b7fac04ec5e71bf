import Foundation
import IPv8Control
import Testing

@Suite(.serialized) struct CommandLineTests {
  let program = Program()
  // The public keys of RFC 8032, section 7.1, tests 1 and 2.
  let ada = "25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkena"
  let bob = "hvabpq7iioevvevxbktu2g36xsojqlgpf3cjndgazvk7ckxumyga"

  /// What a person sees: nothing but one line that begins with the program's name.
  private func expectFailure(
    _ outcome: Program.Outcome, _ code: ExitCode, _ words: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(outcome.status == code.rawValue, "\(outcome)", sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
    #expect(outcome.errorLines.count == 1, "\(outcome.error)", sourceLocation: location)
    #expect(
      outcome.error.hasPrefix("ipv8-tun: ") && outcome.error.contains(words),
      "\(outcome.error)", sourceLocation: location)
  }

  @Test("a command line that is not understood is one line and exit code 64")
  func usage() throws {
    let (ada, long) = (ada, String(repeating: "x", count: 33))
    let lines: [([String], String)] = [
      (["up", "--port", "x"], "--port"), (["up", "--port", "0"], "--port 0"),
      (["up", "--interface", "a/b"], "a/b"), (["up", "--name", "10.0.0.1"], "10.0.0.1"),
      (["peer", "add"], "<permid>"), (["peer", "add", "abc"], "PermID abc"),
      (["peer", "add", ada.uppercased()], ada.uppercased()),
      (["peer", "add", ada, "--endpoint", "192.0.2.1"], "endpoint 192.0.2.1"),
      (["peer", "add", ada, "--endpoint", "192.0.2.1:0"], "endpoint 192.0.2.1:0"),
      (["peer", "add", ada, "--endpoint", "2001:db8::1:5"], "endpoint 2001:db8::1:5"),
      (["peer", "add", ada, "--name", long], "name \(long)"),
      (["peer", "add", ada, "--name", ada], "name \(ada)"),
      (["ping"], "<peer>"), (["why"], "<peer>"), (["path"], "<peer>"),
      (["path", "bob", "--interval", "0.05"], "--interval 0.05"),
      (["ping", "bob", "-c", "0"], "-c 0"),
      (["ping", "bob", "-i", "-1"], "-i"), (["status", "--jason"], "--jason"),
      (["friends", "import"], "<file>"),
      (["friends", "import", "x", "--strength", "1.1"], "--strength 1.1"),
      (["friends", "import", "x", "--format", "xls"], "--format xls"),
      (["friends", "prove", "facebook:ada"], "account facebook:ada"),
      (["class", "flow", "sctp", "[fde8::1]:1", "[fde8::2]:2", "normal"], "sctp"),
      (["class", "flow", "tcp", "fde8::1", "[fde8::2]:2", "normal"], "endpoint fde8::1"),
      (["class", "peer", "bob"], "<class>"),
      (["class", "peer", "bob", "normal", "--lifetime", "86401"], "--lifetime 86401"),
      (["netcheck", "--server", "x"], "endpoint x"), (["netcheck", "--timeout", "0"], "--timeout"),
    ]
    for (line, words) in lines {
      expectFailure(try Program.run(line + ["--state", program.state]), .usage, words)
    }
    expectFailure(try Program.run(["bogus"]), .usage, "'bogus'")
  }

  @Test("help and version are no failures")
  func help() throws {
    for line in [["--help"], ["up", "--help"], ["help", "peer", "add"], ["peer"], []] {
      let outcome = try Program.run(line)
      #expect(outcome.status == 0 && outcome.output.contains("USAGE") && outcome.error.isEmpty)
    }
    for line in [["version"], ["--version"]] {
      #expect(try Program.run(line).output == "\(ProductVersion.current)\n")
    }
  }

  @Test("records are exported and imported while no daemon runs; a bad line is named and left out")
  func records() throws {
    let program = Program()
    try FileManager.default.createDirectory(
      atPath: program.state, withIntermediateDirectories: true)
    let file = program.state + "/lines"
    try "{\n\n{\"kind\":\"binding\",\"record\":\"\"}\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    let imported = try program.run("records", "import", file)
    #expect(imported.status == ExitCode.data.rawValue)
    #expect(imported.output == "0 stored, 0 known, 2 refused\n")
    #expect(imported.error == "ipv8-tun: line 1: malformed\nipv8-tun: line 3: malformed\n")
    let shown = try program.run("records")
    #expect(shown.status == 0 && shown.output.contains("bindings") && shown.error.isEmpty)
    let exported = try program.run("records", "export")
    #expect(exported.status == 0 && exported.output.isEmpty)
    let missing = try program.run("records", "import", program.state + "/none")
    #expect(missing.status == ExitCode.noInput.rawValue)
    #expect(missing.error.contains("/none: cannot be read"))
  }

  @Test("the reference page holds the help of every command as it is")
  func reference() throws {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    let page = try String(
      contentsOf: root.appendingPathComponent("docs/reference/cli.md"), encoding: .utf8)
    let commands = [
      "", "up", "down", "status", "id", "peer", "peer add", "peer remove", "peer list", "ping",
      "path", "class", "class list", "class flow", "class peer", "why", "trust", "block", "unblock",
      "admit", "netcheck", "friends", "friends list",
      "friends path", "friends import", "friends prove", "records", "records show",
      "records export", "records import", "version",
    ]
    for command in commands {
      let help = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
      let text = help.output.trimmingCharacters(in: .newlines)
      #expect(text.contains("USAGE") && page.contains("```\n\(text)\n```"), "\(command)")
    }
  }

  @Test("what needs the daemon says that it is not running, with a code of its own")
  func notRunning() throws {
    for line in [
      ["status"], ["down"], ["ping", "bob"], ["why", "bob"], ["path", "bob"],
      ["path", "bob", "--watch"], ["netcheck"], ["trust", "bob"], ["trust", "bob", "0.5"],
      ["class"], ["class", "peer", "bob", "normal"], ["class", "peer", "bob", "none"],
      ["class", "flow", "udp", "[fde8::1]:1", "[fde8::2]:2", "background"], ["block"],
      ["block", "bob"], ["unblock", "bob"], ["admit"], ["admit", "anyone"], ["friends", "list"],
      ["friends", "path", "bob"],
    ] {
      let outcome = try Program.run(line + ["--state", program.state])
      expectFailure(outcome, .notRunning, "\(program.state)/control.sock: not running")
    }
  }

  @Test("before the first up there is no identity, and asking makes none")
  func noIdentity() throws {
    expectFailure(try program.run("id"), .noInput, program.state)
    expectFailure(try program.run("peer", "list"), .noInput, program.state)
    #expect(!FileManager.default.fileExists(atPath: program.state))
  }

  @Test("the address book is kept without a daemon, by name, PermID and address")
  func addressBook() throws {
    let added = try program.run("peer", "add", ada, "--name", "ada", "--endpoint", "192.0.2.1:7")
    #expect(added.status == 0 && added.error.isEmpty && added.output.hasPrefix("fde8:"))
    #expect(try program.run("peer", "add", bob).status == 0)
    let list = try program.run("peer", "list").output.split(separator: "\n")
    #expect(list.count == 3 && list[0].hasPrefix("PEER  PERMID"))
    #expect(list[1].hasPrefix("ada   \(ada)  fde8:") && list[1].hasSuffix("  192.0.2.1:7"))
    #expect(list[2].hasPrefix("-     \(bob)  fde8:") && list[2].hasSuffix("  -"))
    let json = try program.run("peer", "list", "--json").output
    let report = try JSONDecoder().decode(PeerListReport.self, from: Data(json.utf8))
    #expect(report.peers.map(\.permID) == [ada, bob] && report.peers[0].name == "ada")

    expectFailure(
      try program.run("peer", "add", bob, "--name", "ada"), .usage, "name ada: belongs to another")
    expectFailure(try program.run("peer", "remove", "eve"), .unknownPeer, "peer eve: unknown")
    #expect(try program.run("peer", "remove", "ada").status == 0)
    let address = try #require(report.peers.last?.address6)
    #expect(try program.run("peer", "remove", address).status == 0)
    #expect(try program.run("peer", "list").output == "no peers\n")
  }

  @Test("a configuration that is refused is named with key and value")
  func configuration() throws {
    try FileManager.default.createDirectory(
      atPath: program.state, withIntermediateDirectories: false)
    let file = program.state + "/c.toml"
    try Data("mtu = 70000\n".utf8).write(to: URL(fileURLWithPath: file))
    let outcome = try program.run("up", "--config", file)
    expectFailure(outcome, .configuration, "\(file): mtu = 70000: must be")
    let missing = try program.run("up", "--config", "/nonexistent.toml")
    expectFailure(missing, .configuration, "/nonexistent.toml: cannot be read")
  }

  @Test("a damaged database and a damaged identity are named and left alone")
  func damage() throws {
    _ = try program.run("peer", "add", ada)
    let garbage = Data(repeating: 0x7a, count: 8_192)
    for (file, command) in [("ipv8.db", ["peer", "list"]), ("identity.key", ["id"])] {
      let path = "\(program.state)/\(file)"
      try garbage.write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      expectFailure(try Program.run(command + ["--state", program.state]), .data, path)
      #expect(FileManager.default.contents(atPath: path) == garbage)
    }
  }

  @Test(
    "without CAP_NET_ADMIN, up says in one line what to do and leaves nothing behind",
    .enabled(if: geteuid() == 0, "gives its own rights up"))
  func rights() throws {
    for mode in [[], ["--foreground"]] {
      let outcome = try Program.run(
        ["up", "--state", program.state] + mode,
        through: ["/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"])
      expectFailure(outcome, .noPermission, "sudo ipv8-tun up")
      #expect(!FileManager.default.fileExists(atPath: program.state))
    }
  }
}
