import Foundation
import Testing

extension SystemTests {
  @Suite("Up and down", .serialized)
  struct LifecycleTests {
    @Test("up returns with the interface ready, having said who this is")
    func readiness() throws {
      let lab = try Lab()
      let peer = try Peer(on: lab.host("ada", at: "203.0.113.1"))
      try peer.up()  // The first run also makes the identity and the database.
      try peer.down()
      let clock = ContinuousClock()
      var outcome: Outcome?
      let time = try clock.measure { outcome = try peer.up() }
      print("up on a warm disk: ready after \(time)")
      let identity = try peer.identity()
      let output = try #require(outcome).output
      #expect(output.contains(identity.permID))
      #expect(output.contains(identity.address6))
      let interface = try peer.host.run("ip", "-6", "address", "show", "dev", "ipv8").output
      #expect(interface.contains(identity.address6))
      #expect(interface.contains("mtu 1420"))
      #expect(!interface.contains("tentative"))
      #expect(time < .seconds(10))
    }

    @Test("up on a running peer changes nothing and succeeds")
    func idempotence() throws {
      let lab = try Lab()
      let peer = try Peer(on: lab.host("ada", at: "203.0.113.1"))
      let first = try peer.up().output
      let daemon = try peer.daemon()
      let second = try peer.up().output
      #expect(first == second)
      #expect(try peer.daemon() == daemon)
    }

    @Test("down removes the interface and ends the daemon; a second down says so")
    func down() throws {
      let lab = try Lab()
      let peer = try Peer(on: lab.host("ada", at: "203.0.113.1"))
      try peer.up()
      try peer.down()
      #expect(try !peer.host.has(interface: Peer.interface))
      #expect(try peer.daemons().isEmpty)
      let again = try peer.tun("down")
      #expect(again.status != 0)
      #expect(again.errorLines.count == 1, "\(again)")
    }

    @Test("identity, port and peers outlive a restart")
    func persistence() throws {
      let (host, other) = try Lab().linkedHosts()
      let (ada, bob) = (try Peer(on: host), try Peer(on: other))
      try bob.up()
      // Without --port: a port is chosen, and kept.
      try ada.expect("up", "--interface", Peer.interface)
      try ada.add(bob, at: other.underlay)
      let before = (try ada.identity(), try ada.status())
      try ada.down()
      try ada.expect("up", "--interface", Peer.interface)
      let after = try ada.status()
      #expect(try ada.identity() == before.0)
      #expect(after.port == before.1.port)
      #expect(after.peers.map(\.permID) == [try bob.identity().permID])
      #expect(after.peers.map(\.address4) == before.1.peers.map(\.address4))
    }

    @Test("a TCP connection inside survives kill -9 of a daemon and goes on after up")
    func killed() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let shell = try SecureShell(on: bob.host)
      let (sent, arrived) = try ada.host.lab.randomFile(bytes: 20_000_000)
      // 32 Mbit/s: the copy lasts five seconds, and the kill falls into its middle.
      var arguments = try ada.host.copy(
        sent, to: arrived, at: bob.identity().address6, of: shell)
      arguments.insert(contentsOf: ["-l", "32000"], at: 1)
      let copy = try ada.host.start(arguments)
      func size() -> Int {
        (try? FileManager.default.attributesOfItem(atPath: arrived)[.size] as? Int) ?? 0
      }
      try eventually("the copy is under way") { size() > 4_000_000 }

      let daemon = try bob.daemon()
      kill(daemon, SIGKILL)
      try eventually("the daemon is dead") { try bob.daemons().isEmpty }
      let clock = ContinuousClock()
      try bob.up()
      let (ready, reached) = (clock.now, size())
      try eventually("the copy goes on") { size() > reached }
      print("the connection went on \(clock.now - ready) after readiness")
      #expect(try copy.finish(within: 120).succeeded)
      #expect(FileManager.default.contentsEqual(atPath: sent, andPath: arrived))
    }

    @Test("under systemd, up --foreground reports READY=1")
    func notification() throws {
      let lab = try Lab()
      let peer = try Peer(on: lab.host("ada", at: "203.0.113.1"))
      let path = "\(lab.directory)/notify"
      let receiver = try NotifySocket(path: path)
      let daemon = try peer.host.start(
        Lab.binary(), "up", "--foreground", "--state", peer.state, "--interface", "ipv8",
        environment: ["NOTIFY_SOCKET": path])
      let message = try #require(receiver.receive(within: 20))
      #expect(message.split(separator: "\n").contains("READY=1"))
      #expect(try peer.host.has(interface: "ipv8"))
      daemon.signal(SIGTERM)
      #expect(try daemon.finish().status == 0)
      #expect(try !peer.host.has(interface: "ipv8"))
    }

    @Test("an idle daemon is small")
    func memory() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      try eventually("a session is open") { try ada.reaches(bob) }
      let daemon = try ada.daemon()
      let status = try String(contentsOfFile: "/proc/\(daemon)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
      print("the idle daemon: \(line)")
      let kilobytes = try #require(line.split(whereSeparator: \.isWhitespace)[1] as Substring?)
      #expect(try #require(Int(kilobytes)) < 34_000)
    }
  }
}
