import Foundation
import Testing

extension SystemTests {
  @Suite("Bad input", .serialized)
  struct BadInputTests {
    /// A command that must fail with one line that holds `names`.
    struct Mistake: CustomTestStringConvertible {
      let testDescription: String
      let arguments: [String]
      let names: String
    }

    static let stranger = "6im3ysubgvrntgl45j57gsskddgv53zoaoajbblf5j6gq76swzyq"

    static let mistakes = [
      Mistake(
        testDescription: "a malformed PermID", arguments: ["peer", "add", "not-a-permid"],
        names: "not-a-permid"),
      Mistake(
        testDescription: "an endpoint without a port",
        arguments: ["peer", "add", stranger, "--endpoint", "203.0.113.9"], names: "203.0.113.9"),
      Mistake(
        testDescription: "an endpoint with an impossible port",
        arguments: ["peer", "add", stranger, "--endpoint", "203.0.113.9:70000"],
        names: "203.0.113.9:70000"),
      Mistake(
        testDescription: "the removal of an unknown peer",
        arguments: ["peer", "remove", "nobody"], names: "nobody"),
      Mistake(
        testDescription: "an impossible port", arguments: ["up", "--port", "70000"],
        names: "70000"),
      Mistake(
        testDescription: "an interface name that is too long",
        arguments: ["up", "--interface", "sixteen-letters!"], names: "sixteen-letters!"),
      Mistake(
        testDescription: "a config that does not exist",
        arguments: ["up", "--config", "/nonexistent/ipv8.toml"], names: "/nonexistent/ipv8.toml"),
    ]

    @Test("a mistake gets one clear line and changes nothing", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
      let peer = try Self.settledPeer()
      let before = try Self.contents(of: peer)
      let outcome = try peer.host.run(
        [Lab.binary()] + mistake.arguments + ["--state", peer.state])
      try Self.expectRefusal(outcome, naming: mistake.names, on: peer)
      #expect(try Self.contents(of: peer) == before)
    }

    @Test("a config that is no TOML is refused by its name")
    func malformedConfig() throws {
      let peer = try Self.settledPeer()
      let path = "\(peer.host.lab.directory)/bad.toml"
      try "port = = 4".write(toFile: path, atomically: true, encoding: .utf8)
      try Self.expectRefusal(peer.tun("up", "--config", path), naming: path, on: peer)
    }

    @Test("a taken interface name is refused")
    func takenInterface() throws {
      let peer = try Self.settledPeer()
      #expect(try peer.host.run("ip", "link", "add", "dev", "taken", "type", "bridge").succeeded)
      let outcome = try peer.tun("up", "--interface", "taken")
      try Self.expectRefusal(outcome, naming: "taken", on: peer)
      #expect(try peer.host.has(interface: "taken"))
    }

    @Test("a taken port is refused")
    func takenPort() throws {
      let peer = try Self.settledPeer()
      let holder = try NamespaceSocket(on: peer.host, port: 45_678)
      try Self.expectRefusal(peer.tun("up", "--port", "45678"), naming: "45678", on: peer)
      withExtendedLifetime(holder) {}
    }

    @Test("a second daemon on the same state is refused, the first goes on")
    func secondDaemon() throws {
      let peer = try Self.settledPeer()
      try peer.up()
      let daemon = try peer.daemon()
      let outcome = try peer.tun("up", "--foreground", "--interface", "second")
      #expect(outcome.status != 0)
      #expect(outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.error.contains(peer.state))
      #expect(try peer.daemon() == daemon)
      #expect(try !peer.host.has(interface: "second"))
    }

    @Test("a corrupt identity is refused and left as it is", arguments: [0, 7, 4_096])
    func corruptIdentity(size: Int) throws {
      let peer = try Self.settledPeer()
      let path = "\(peer.state)/identity.key"
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: Data(repeating: 0xff, count: size))
      try handle.close()
      try Self.expectRefusal(peer.tun("up"), naming: path, on: peer)
      let left = try Data(contentsOf: URL(fileURLWithPath: path))
      #expect(left == Data(repeating: 0xff, count: size))
    }

    @Test("an identity that others can read is refused")
    func readableIdentity() throws {
      let peer = try Self.settledPeer()
      let path = "\(peer.state)/identity.key"
      #expect(chmod(path, 0o644) == 0)
      try Self.expectRefusal(peer.tun("up"), naming: path, on: peer)
    }

    @Test("a corrupt database is built anew from its copy and kept beside")
    func corruptDatabase() throws {
      let peer = try Self.settledPeer()
      let path = "\(peer.state)/ipv8.db"
      let garbage = Data("this is no database, whatever its name may say".utf8)
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: garbage)
      try handle.close()
      let outcome = try peer.tun("up")
      #expect(outcome.status == 0, "\(outcome)")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path + ".damaged")) == garbage)
      #expect(try peer.tun("down").status == 0)
    }

    @Test("a machine without /dev/net/tun is told so")
    func missingDevice() throws {
      let peer = try Self.settledPeer()
      let outcome = try peer.host.run(
        "unshare", "--mount", "sh", "-c",
        "mount -t tmpfs none /dev/net && exec '\(Lab.binary())' up --state '\(peer.state)'")
      try Self.expectRefusal(outcome, naming: "/dev/net/tun", on: peer)
    }

    @Test("a full disk is named, and leaves no half-made identity")
    func fullDisk() throws {
      let lab = try Lab()
      let host = try lab.host("ada", at: "203.0.113.1")
      let state = "\(lab.directory)/full"
      let outcome = try host.run(
        "unshare", "--mount", "sh", "-c",
        """
        mkdir '\(state)' && mount -t tmpfs -o size=16k none '\(state)' || exit 77
        head -c 100000 /dev/zero >'\(state)/filler' 2>/dev/null
        '\(Lab.binary())' up --state '\(state)' --interface ipv8
        status=$?
        ls '\(state)'
        exit $status
        """)
      #expect(![0, 77].contains(outcome.status), "\(outcome)")
      #expect(outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.error.contains(state))
      #expect(!outcome.output.contains("identity.key"), "\(outcome)")
      #expect(try !host.has(interface: "ipv8"))
    }

    @Test("status without a daemon says what to do", arguments: ["status", "down"])
    func noDaemon(command: String) throws {
      let peer = try Self.settledPeer()
      try Self.expectRefusal(peer.tun(command), naming: "up", on: peer)
    }

    @Test("a ping of someone unknown is refused by name")
    func unknownPeer() throws {
      let peer = try Self.settledPeer()
      try peer.up()
      let outcome = try peer.tun("ping", "nobody")
      #expect(outcome.status != 0)
      #expect(outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.error.contains("nobody"))
    }

    /// A peer that has been up once, so that it has a state to lose.
    private static func settledPeer() throws -> Peer {
      let peer = try Peer(on: Lab().host("ada", at: "203.0.113.1"))
      try peer.up()
      try peer.down()
      return peer
    }

    private static func expectRefusal(
      _ outcome: Outcome, naming name: String, on peer: Peer,
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      #expect(outcome.status != 0, "\(outcome)", sourceLocation: sourceLocation)
      #expect(outcome.errorLines.count == 1, "\(outcome)", sourceLocation: sourceLocation)
      #expect(outcome.error.contains(name), "\(outcome)", sourceLocation: sourceLocation)
      try eventually("no daemon is left") { try peer.daemons().isEmpty }
      #expect(
        try !peer.host.has(interface: Peer.interface), sourceLocation: sourceLocation)
    }

    /// The identity and the contacts, which a failed command must not touch.
    private static func contents(of peer: Peer) throws -> [String] {
      let key = try Data(contentsOf: URL(fileURLWithPath: "\(peer.state)/identity.key"))
      return [key.base64EncodedString(), try peer.expect("peer", "list", "--json").output]
    }
  }
}
