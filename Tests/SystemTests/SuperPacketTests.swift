import Foundation
import Testing

extension SystemTests {
  /// What crosses as super-packets is what was sent, whatever the cable beneath can do.
  @Suite("Super-packets", .serialized)
  struct SuperPacketTests {
    /// A cable between two machines.
    struct Cable: CustomTestStringConvertible {
      let testDescription: String
      let offloads: Bool
      let loss: Bool
      let bytes: Int
    }

    static let cables = [
      Cable(testDescription: "with offloads", offloads: true, loss: false, bytes: 100_000_000),
      Cable(testDescription: "without offloads", offloads: false, loss: false, bytes: 30_000_000),
      Cable(testDescription: "that loses 1%", offloads: false, loss: true, bytes: 10_000_000),
      Cable(
        testDescription: "with offloads that loses 1%", offloads: true, loss: true,
        bytes: 10_000_000),
    ]

    @Test("a file arrives as it was, by IPv6 and by alias, on a cable", arguments: cables)
    func file(cable: Cable) throws {
      let (ada, bob) = try Self.peers(on: cable)
      let shell = try SecureShell(on: bob.host)
      let (sent, arrived) = try ada.host.lab.randomFile(bytes: cable.bytes)
      let alias = try #require(try ada.status(of: bob)?.address4)
      for address in [try bob.identity().address6, alias] {
        let outcome = try ada.host.run(
          ada.host.copy(sent, to: arrived, at: address, of: shell), within: 300)
        #expect(outcome.succeeded, "\(outcome)")
        #expect(FileManager.default.contentsEqual(atPath: sent, andPath: arrived))
        try FileManager.default.removeItem(atPath: arrived)
      }
      #expect(try bob.host.badChecksums() == 0)
      #expect(try ada.host.badChecksums() == 0)
    }

    @Test("UDP of every size comes back as it was", arguments: [true, false])
    func udp(offloads: Bool) throws {
      let (ada, bob) = try Self.peers(
        on: Cable(testDescription: "", offloads: offloads, loss: false, bytes: 0))
      #expect(try ada.reaches(bob))
      let alias = try #require(try ada.status(of: bob)?.address4)
      let near = try NamespaceSocket(on: ada.host)
      let far = try NamespaceSocket(on: bob.host, port: 7_000)
      for size in 1...1_252 {
        // Two of one size and a shorter one at once, which may cross as one.
        let sizes = [size, size, max(1, size / 2)]
        let datagrams = sizes.enumerated().map { number, size in
          (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size &+ number) }
        }
        for datagram in datagrams { try near.send(datagram, to: alias, port: 7_000) }
        for datagram in datagrams {
          let received = try #require(far.receive(), "\(size) bytes on the way there")
          #expect(received.bytes == datagram)
          try far.send(received.bytes, to: received.address, port: received.port)
        }
        for datagram in datagrams {
          let received = try #require(near.receive(), "\(size) bytes on the way back")
          #expect(received.bytes == datagram)
        }
      }
      #expect(try bob.host.badChecksums() == 0)
    }

    @Test("ping of every kind of size comes back, in fragments too", arguments: [true, false])
    func ping(offloads: Bool) throws {
      let (ada, bob) = try Self.peers(
        on: Cable(testDescription: "", offloads: offloads, loss: false, bytes: 0))
      let alias = try #require(try ada.status(of: bob)?.address4)
      for address in [try bob.identity().address6, alias] {
        // ping itself compares what comes back with what it sent.
        let outcome = try ada.host.run(
          "sh", "-c",
          """
          for size in $(seq 0 7 1190) $(seq 1191 1260) 3000 8000; do
            ping -q -c 1 -W 5 -s $size \(address) >/dev/null || exit 1
            last=$size
          done
          """, within: 120)
        #expect(outcome.succeeded, "\(address): \(outcome)")
        let many = try ada.host.run(
          "ping", "-f", "-q", "-c", "300", "-s", "1201", address, within: 60)
        #expect(many.output.contains(" 300 received"), "\(many)")
      }
      #expect(try bob.host.badChecksums() == 0)
    }

    /// Bob hands what comes for him to another machine, on a cable without offloads: only there
    /// does a kernel compute the checksums that the tunnel left out.
    @Test("what leaves the receiver's machine again has right checksums")
    func forwarded() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      let cyd = try bob.host.attach("cyd", device: "out0", net: 88)
      for (end, device) in [(bob.host, "out0"), (cyd, "eth0")] {
        try end.switchOffloads(off: device)
        try end.switchChecksums(off: device)
      }
      try bob.host.forwardOverlay(to: 88)
      let shell = try SecureShell(on: cyd)
      let (sent, arrived) = try ada.host.lab.randomFile(bytes: 5_000_000)
      #expect(try ada.reaches(bob))
      let alias = try #require(try ada.status(of: bob)?.address4)
      let capture = try TextCapture(on: cyd)
      for address in [try bob.identity().address6, alias] {
        let outcome = try ada.host.run(
          ada.host.copy(sent, to: arrived, at: address, of: shell), within: 120)
        #expect(outcome.succeeded, "\(outcome)")
        #expect(FileManager.default.contentsEqual(atPath: sent, andPath: arrived))
        let server = try cyd.start("iperf3", "-s", "-1")
        try eventually("iperf3 listens") {
          try cyd.run("ss", "-Hltn").output.contains(":5201 ")
        }
        let udp = try ada.host.run(
          "iperf3", "-u", "-b", "20M", "-l", "777", "-t", "1", "-c", address)
        #expect(udp.succeeded, "\(udp)")
        #expect(try server.finish().succeeded)
      }
      let text = try capture.stop()
      let right = text.components(separatedBy: "(correct)").count - 1
      #expect(right > 1_000)
      // What cyd itself sends is not complete yet where it is captured.
      #expect(!text.contains("incorrect"), "\(text.lines(with: "incorrect").prefix(3))")
      #expect(!text.contains("bad udp cksum"), "\(text.lines(with: "bad udp").prefix(3))")
      #expect(!text.contains("bad cksum"), "\(text.lines(with: "bad cksum").prefix(3))")
      #expect(try cyd.badChecksums() == 0)
    }

    private static func peers(on cable: Cable) throws -> (Peer, Peer) {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      for peer in [ada, bob] {
        if !cable.offloads { try peer.host.switchOffloads(off: "eth0") }
        if cable.loss {
          try peer.host.expect(
            "nft",
            """
            table ip loss { chain input { type filter hook input priority raw; \
              udp dport \(Peer.port) numgen random mod 100 < 1 drop; }; }
            """)
        }
      }
      return (ada, bob)
    }
  }
}

/// What tcpdump says of the packets that arrive at a host, checksums verified.
private final class TextCapture {
  private let command: Command

  init(on host: Host) throws {
    command = try host.start(
      "tcpdump", "-i", "eth0", "-Q", "in", "-n", "-s", "0", "-vv", "-l", "-Z", "root", "tcp or udp")
    try eventually("tcpdump listens") { command.error.contains("listening on") }
  }

  func stop() throws -> String {
    command.signal(SIGTERM)
    return try command.finish().output
  }
}

extension String {
  fileprivate func lines(with words: String) -> [Substring] {
    split(separator: "\n").filter { $0.contains(words) }
  }
}
