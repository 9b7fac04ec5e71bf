import Foundation
import Testing

extension SystemTests {
  @Suite("Privileges", .serialized)
  struct PrivilegeTests {
    @Test("the daemon is an ordinary user's, with CAP_NET_ADMIN and no way to more")
    func dropped() throws {
      let peer = try Peer(on: Lab().host("ada", at: "203.0.113.1"))
      try peer.up()
      let daemon = try peer.daemon()
      let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon)/task")
      #expect(!tasks.isEmpty)
      for task in tasks {
        let facts = try Self.facts(of: "/proc/\(daemon)/task/\(task)/status")
        let users = try #require(facts["Uid"]).split(whereSeparator: \.isWhitespace)
        #expect(users.count == 4 && !users.contains("0"), "thread \(task)")
        let groups = try #require(facts["Gid"]).split(whereSeparator: \.isWhitespace)
        #expect(groups.count == 4 && !groups.contains("0"), "thread \(task)")
        let netAdmin = "0000000000001000"
        #expect(facts["CapEff"] == netAdmin, "thread \(task)")
        #expect(facts["CapPrm"] == netAdmin, "thread \(task)")
        #expect(facts["NoNewPrivs"] == "1", "thread \(task)")
      }
      // A process that leaves no core belongs to root in /proc, whoever runs it.
      let attributes = try FileManager.default.attributesOfItem(atPath: "/proc/\(daemon)/mem")
      #expect(attributes[.ownerAccountID] as? Int == 0)
    }

    @Test("the key is its owner's alone, the control socket its group's")
    func modes() throws {
      let peer = try Peer(on: Lab().host("ada", at: "203.0.113.1"))
      try peer.up()
      func mode(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: "\(peer.state)/\(name)")[
          .posixPermissions] as? Int
      }
      #expect(try mode("identity.key") == 0o600)
      let sockets = try FileManager.default.contentsOfDirectory(atPath: peer.state)
        .filter { $0.hasSuffix(".sock") }
      #expect(sockets.count == 1)
      #expect(try mode(#require(sockets.first)) == 0o660)
    }

    @Test("without the rights, one line says what to do")
    func unprivileged() throws {
      let lab = try Lab()
      let host = try lab.host("ada", at: "203.0.113.1")
      let binary = "\(lab.directory)/ipv8-tun"
      try FileManager.default.copyItem(atPath: Lab.binary(), toPath: binary)
      let state = "\(lab.directory)/nobody"
      #expect(mkdir(state, 0o700) == 0 && chown(state, 65_534, 65_534) == 0)
      let outcome = try host.run(
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
        binary, "up", "--state", state)
      #expect(outcome.status != 0)
      #expect(outcome.errorLines.count == 1, "\(outcome)")
      #expect(outcome.error.contains("root") || outcome.error.contains("sudo"), "\(outcome)")
      #expect(outcome.error.contains("CAP_NET_ADMIN"), "\(outcome)")
    }

    private static func facts(of path: String) throws -> [String: String] {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
      }
      return Dictionary(pairs) { first, _ in first }
    }
  }
}
