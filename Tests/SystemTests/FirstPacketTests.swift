import Foundation
import Testing

extension SystemTests {
  @Suite("Two machines on one cable", .serialized)
  struct FirstPacketTests {
    @Test("a hundred pings by overlay address lose none")
    func ping() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let address = try bob.identity().address6
      // The very first packet opens the session; it is held, not lost.
      let outcome = try ada.host.run("ping", "-6", "-q", "-c", "100", "-i", "0.01", address)
      #expect(outcome.output.contains("100 packets transmitted, 100 received"), "\(outcome)")
      let status = try #require(try ada.status(of: bob))
      #expect(status.state == .open)
      #expect(status.path.kind == "direct")
      #expect(status.path.endpoint == "\(bob.host.underlay):\(Peer.port)")
      // The longest is the first, which waited for the session to open.
      print(outcome.output.split(separator: "\n").last ?? "")
    }

    @Test("a peer has one address, derived from its PermID, on every machine")
    func equalAddresses() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let (own, seen) = (try bob.identity(), try #require(try ada.status(of: bob)))
      #expect(seen.permID == own.permID)
      #expect(seen.address6 == own.address6)
      #expect(try bob.status().address6 == own.address6)
      #expect(own.address6.hasPrefix("fde8:"))
      #expect(own.permID.count == 52)
      #expect(try ada.identity() != own)
    }

    @Test("ssh with a key works by overlay address and by IPv4 alias")
    func secureShell() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let shell = try SecureShell(on: bob.host)
      let alias = try #require(try ada.status(of: bob)?.address4)
      for address in [try bob.identity().address6, alias] {
        let outcome = try ada.host.ssh(to: address, of: shell, "ip netns identify")
        #expect(outcome.output == "\(bob.host.namespace)\n", "\(address): \(outcome)")
      }
    }

    @Test("a file of 100 MB arrives by scp as it was")
    func copy() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let shell = try SecureShell(on: bob.host)
      let (sent, arrived) = try ada.host.lab.randomFile(bytes: 100_000_000)
      let outcome = try ada.host.run(
        ada.host.copy(sent, to: arrived, at: bob.identity().address6, of: shell), within: 300)
      #expect(outcome.succeeded, "\(outcome)")
      #expect(FileManager.default.contentsEqual(atPath: sent, andPath: arrived))
    }

    @Test("iperf3 runs over the overlay", arguments: ["TCP", "UDP"])
    func throughput(transport: String) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let server = try bob.host.start("iperf3", "-s", "-1")
      try eventually("iperf3 listens") {
        try bob.host.run("ss", "-Hltn").output.contains(":5201 ")
      }
      let options = transport == "UDP" ? ["-u", "-b", "50M", "-l", "1200"] : []
      let outcome = try ada.host.run(
        ["iperf3", "-J", "-t", "2", "-c", try bob.identity().address6] + options)
      #expect(outcome.succeeded, "\(outcome)")
      #expect(try server.finish().succeeded)
      let report = try #require(
        JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let end = try #require(report["end"] as? [String: Any])
      let sum = try #require(end[transport == "UDP" ? "sum" : "sum_received"] as? [String: Any])
      let rate = try #require(sum["bits_per_second"] as? Double)
      print("iperf3 \(transport): \(Int(rate / 1_000_000)) Mbit/s")
      #expect(rate > 1_000_000)
    }
  }
}

extension Lab {
  /// A file of random bytes, and a path for its copy.
  func randomFile(bytes: Int) throws -> (String, String) {
    let path = "\(directory)/original"
    let made = try Command(
      ["dd", "if=/dev/urandom", "of=\(path)", "bs=1M", "count=\(bytes)", "iflag=count_bytes"],
      in: directory
    ).finish()
    guard made.succeeded else { throw LabError.failed(command: "dd", made) }
    return (path, "\(directory)/copy")
  }
}
