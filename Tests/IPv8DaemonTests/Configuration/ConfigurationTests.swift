import IPv8Control
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite struct ConfigurationTests {
  private func configuration(_ toml: String) throws -> Configuration {
    try Configuration(toml: toml, file: "c.toml")
  }

  @Test("an empty file gives the documented defaults")
  func defaults() throws {
    let empty = try configuration("")
    #expect(empty == Configuration())
    #expect(empty.interface == "ipv8" && empty.port == nil && empty.mtu == 1420)
    #expect(empty.aliasRange == IPv4Prefix(IPv4Address(0x6440_0000), length: 10))
    #expect(empty.aliasRange?.address.description == "100.64.0.0")
    #expect(empty.user == "ipv8-tun" && empty.name.isEmpty)
    #expect(
      !empty.isPublic && empty.logLevel == .info && empty.relay == .friends && empty.lanDiscovery
        && empty.pathReaders == .root)
  }

  @Test("every key is read")
  func keys() throws {
    let full = try configuration(
      """
      interface = "tun7"
      port = 41641
      mtu = 9000
      alias_range = "10.8.0.0/16"
      user = "nobody"
      name = "Ada's laptop"
      public = true
      lan_discovery = false
      stun_servers = ["stun.example:3478", "[2001:db8::1]:3478"]
      stun_addresses = ["192.0.2.1", "192.0.2.2"]
      port_mapping = false
      relay = "off"
      nat64_prefix = "64:ff9b::/96"
      port_guessing = false
      path_readers = "group:games"
      log_level = "debug"
      """)
    #expect(full.interface == "tun7" && full.port == 41641 && full.mtu == 9000)
    #expect(full.aliasRange == IPv4Prefix(IPv4Address(0x0a08_0000), length: 16))
    #expect(full.user == "nobody" && full.name == "Ada's laptop")
    #expect(full.isPublic && full.relay == .off && full.logLevel == .debug && !full.lanDiscovery)
    #expect(full.stunServers.map(\.description) == ["stun.example:3478", "[2001:db8::1]:3478"])
    #expect(full.stunAddresses.map(\.description) == ["192.0.2.1", "192.0.2.2"] && !full.mapsPorts)
    #expect(full.nat64 == .fixed(.wellKnown) && !full.guessesPorts)
    #expect(full.pathReaders == .group("games"))
    #expect(try configuration("path_readers = \"root\"").pathReaders == .root)
    #expect(try configuration("path_readers = \"everyone\"").pathReaders == .everyone)
    #expect(try configuration("nat64_prefix = \"off\"").nat64 == .off)
    #expect(try configuration("alias_range = \"off\"").aliasRange == nil)
  }

  @Test(
    "a value of another type or out of range is refused by file, key and value",
    arguments: [
      ("interface = 7", "7"), ("interface = \"\"", "\"\""),
      ("interface = \"sixteen-bytes-xx\"", "\"sixteen-bytes-xx\""),
      ("interface = \"a/b\"", "\"a/b\""), ("interface = \"a b\"", "\"a b\""),
      ("port = 0", "0"), ("port = 65536", "65536"), ("port = -1", "-1"),
      ("port = \"41641\"", "\"41641\""), ("port = 1.5", "1.5"),
      ("mtu = 1279", "1279"), ("mtu = 9001", "9001"), ("mtu = true", "true"),
      ("alias_range = \"100.64.0.1/10\"", "\"100.64.0.1/10\""),
      ("alias_range = \"100.64.0.0\"", "\"100.64.0.0\""),
      ("alias_range = \"0.0.0.0/7\"", "\"0.0.0.0/7\""),
      ("alias_range = \"10.0.0.0/29\"", "\"10.0.0.0/29\""),
      ("alias_range = \"10.0.0.0/+8\"", "\"10.0.0.0/+8\""),
      ("alias_range = \"fd00::/8\"", "\"fd00::/8\""), ("alias_range = [1]", "a array"),
      ("user = \"\"", "\"\""), ("user = \"Ada Lovelace\"", "\"Ada Lovelace\""),
      ("name = \"10.0.0.1\"", "\"10.0.0.1\""), ("name = 1", "1"),
      ("stun_servers = [\"x\"]", "[\"x\"]"), ("stun_servers = \"x:1\"", "\"x:1\""),
      ("stun_servers = [1]", "a array"), ("stun_addresses = [\"::1\"]", "[\"::1\"]"),
      ("stun_addresses = [\"1.2.3.4\", \"::1\"]", "[\"1.2.3.4\", \"::1\"]"),
      ("port_mapping = 1", "1"), ("public = 1", "1"), ("public = \"yes\"", "\"yes\""),
      ("nat64_prefix = \"64:ff9b::/95\"", "\"64:ff9b::/95\""), ("nat64_prefix = true", "true"),
      ("port_guessing = \"on\"", "\"on\""),
      ("path_readers = true", "true"), ("path_readers = \"all\"", "\"all\""),
      ("path_readers = \"group:\"", "\"group:\""),
      ("path_readers = \"group:a b\"", "\"group:a b\""),
      ("relay = \"all\"", "\"all\""), ("log_level = \"loud\"", "\"loud\""), ("log_level = 3", "3"),
    ])
  func invalid(line: String, value: String) throws {
    let key = try #require(line.split(separator: " ").first)
    let error = try #require(throws: ConfigurationError.self) { try configuration(line) }
    #expect(error.explanation.hasPrefix("c.toml: \(key) = \(value): must be "))
    #expect(!error.explanation.contains("\n") && error.exitCode == .configuration)
  }

  @Test("an unknown key is refused, and the known ones are told")
  func unknownKey() throws {
    let error = try #require(throws: ConfigurationError.self) { try configuration("colour = 1") }
    #expect(error == .unknownKey(file: "c.toml", key: "colour"))
    #expect(error.explanation.hasPrefix("c.toml: colour: unknown key; known are interface, port,"))
  }

  @Test("what is no TOML is refused by line and column in one line")
  func malformed() throws {
    for toml in [
      "mtu = 1280\nport = = 1\n", "mtu = 1280\n\"", "mtu = 1280\nmtu = 1281", "mtu = 1280\n [=]",
      "# [\nstun_servers = [}", "mtu = 1280\nname = {}", "mtu = 1280\nname = \"\"\"\", [}",
      "name = 'a\\'\nstun_servers = [}]",
    ] {
      let error = try #require(throws: ConfigurationError.self) { try configuration(toml) }
      #expect(error.explanation.hasPrefix("c.toml:2:"), "\(error.explanation)")
      #expect(!error.explanation.contains("\n"))
    }
  }

  @Test("braces and brackets within strings and comments are text")
  func quotedBraces() throws {
    let toml = #"""
      name = "{\"[}" # [}
      stun_servers = ['[::1]:3478', "a:1"] # }
      """#
    #expect(try configuration(toml).name == "{\"[}")
  }

  @Test("a file that is missing, a directory or too long is refused by name")
  func unreadable() throws {
    let directory = try TemporaryDirectory()
    let missing = directory.path + "/none.toml"
    #expect(
      throws: ConfigurationError.unreadable(file: missing, reason: "no such file or directory")
    ) { try Configuration(contentsOf: missing) }
    #expect(throws: ConfigurationError.self) { try Configuration(contentsOf: directory.path) }
    let long = try directory.write(String(repeating: "#", count: 65_537), to: "long.toml")
    #expect(throws: ConfigurationError.tooLarge(file: long, limit: 65_536)) {
      try Configuration(contentsOf: long)
    }
    let fine = try directory.write("mtu = 1400", to: "fine.toml")
    #expect(try Configuration(contentsOf: fine).mtu == 1400)
  }

  @Test("flags go before the file and obey the same rules")
  func flags() throws {
    var chosen = try configuration("port = 1\ninterface = \"a\"\nname = \"file\"")
    try chosen.override(port: 2, name: "flag")
    #expect(chosen.port == 2 && chosen.interface == "a" && chosen.name == "flag")
    let error = try #require(throws: ConfigurationError.self) { try chosen.override(port: 70_000) }
    #expect(error.explanation == "--port 70000: must be an integer, 1 to 65535")
    #expect(error.exitCode == .usage)
  }
}
