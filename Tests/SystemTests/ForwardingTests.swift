import Foundation
import Testing

extension SystemTests {
  /// Packets that neither end of the tunnel made: they come to one peer by a cable, cross under its
  /// addresses, and leave the other peer by a cable again.
  @Suite("Forwarded packets", .serialized)
  struct ForwardingTests {
    /// In which form packets reach the peer that forwards them into the tunnel.
    struct Arrival: CustomTestStringConvertible, Sendable {
      let testDescription: String
      /// Of the machine behind it.
      let sender: [String]
      /// Of the peer's cable to that machine.
      let receiver: [String: String]
    }

    static let plain = ["tso", "gso", "tx", "tx-udp-segmentation"]
    static let arrivals = [
      Arrival(testDescription: "large and partial", sender: [], receiver: [:]),
      Arrival(
        testDescription: "complete and joined", sender: plain,
        receiver: ["gro": "on", "rx-udp-gro-forwarding": "on"]),
      Arrival(
        testDescription: "complete and chained", sender: plain,
        receiver: ["gro": "on", "rx-gro-list": "on"]),
      Arrival(testDescription: "complete and single", sender: plain, receiver: ["gro": "off"]),
      Arrival(
        testDescription: "partial and single", sender: ["tso", "gso", "tx-udp-segmentation"],
        receiver: ["gro": "off"]),
    ]

    /// eve — ada = tunnel = bob — cyd
    struct Line {
      let ada: Peer
      let bob: Peer
      let eve: Host
      let cyd: Host

      init(_ arrival: Arrival) throws {
        (ada, bob) = try Lab().acquaintedPeers()
        #expect(try ada.reaches(bob))
        eve = try ada.host.attach("eve", device: "in0", net: 87)
        cyd = try bob.host.attach("cyd", device: "out0", net: 88)
        try ada.host.hideBehindOverlay()
        try bob.host.forwardOverlay(to: 88)
        for feature in arrival.sender { try eve.expect("ethtool", "-K", "eth0", feature, "off") }
        for (feature, state) in arrival.receiver {
          try ada.host.expect("ethtool", "-K", "in0", feature, state)
        }
        // What arrives at the far machines is as on a wire.
        for (end, device) in [(bob.host, "out0"), (ada.host, "in0")] {
          try end.expect("ethtool", "-K", device, "gso", "off", "tso", "off")
          try end.switchChecksums(off: device)
        }
        try cyd.expect("ethtool", "-K", "eth0", "gro", "off")
        try eve.expect("ethtool", "-K", "eth0", "gro", "off")
      }

      /// Bob's addresses as those behind ada see them.
      func addresses() throws -> [String] {
        try [true, false].map { try ada.address(of: bob, isIPv6: $0) }
      }
    }

    @Test("cross as they are, with right checksums behind the receiver", arguments: arrivals)
    func transfers(_ arrival: Arrival) throws {
      let line = try Line(arrival)
      let shell = try SecureShell(on: line.cyd)
      let (sent, arrived) = try line.eve.lab.randomFile(bytes: 4_000_000)
      let captures = try [(1_000, WireCapture(on: line.cyd)), (50, WireCapture(on: line.eve))]
      for address in try line.addresses() {
        try expectFile(sent, by: arrived, between: line.eve, and: address, of: shell)
        try Self.expectDatagrams(line, address)
        // ping compares what comes back; the larger ones cross in fragments.
        let outcome = try line.eve.run(
          "sh", "-c",
          """
          # As SYNs offer what crosses, nothing has told either end what the tunnel takes.
          ping -q -c 4 -i 0.2 -W 1 -s 1452 -M dont \(address) >/dev/null
          for size in 0 1 7 56 1191 1192 1193 1300 1452 1453 1472 1473 3001 7777; do
            ping -q -c 2 -i 0.05 -W 5 -s $size -M dont \(address) >/dev/null || exit 1
          done
          """, within: 120)
        #expect(outcome.succeeded, "\(outcome)")
      }
      for (datagrams, capture) in captures {
        let verdict = try capture.judge()
        print("forwarded, \(arrival.testDescription): \(verdict)")
        #expect(verdict.faults.isEmpty, "\(verdict.faults.prefix(3))")
        #expect(verdict.packets[6, default: 0] > 1_000)
        #expect(verdict.packets[17, default: 0] >= datagrams)
        #expect(verdict.packets[1, default: 0] > 20 && verdict.packets[58, default: 0] > 20)
        #expect(verdict.fragments > 20)
      }
      for host in [line.ada.host, line.bob.host, line.cyd, line.eve] {
        #expect(try host.badChecksums() == 0)
      }
      for peer in [line.ada, line.bob] {
        #expect(try peer.status().counters["dropped.tun"] == 0)
      }
    }

    /// From eve to cyd, and an echo of some back.
    private static func expectDatagrams(_ line: Line, _ address: String) throws {
      let isIPv6 = address.contains(":")
      let far = try NamespaceSocket(on: line.cyd, port: 7_000, isIPv6: isIPv6)
      try far.enlarge(to: 16 << 20)
      // The cable takes 1500 bytes, the tunnel 1280: larger ones cross in fragments, or not at all.
      let near = try NamespaceSocket(on: line.eve, isIPv6: isIPv6)
      let transfer = DatagramTransfer(runs: 40, largest: isIPv6 ? 1_232 : 1_252, seed: 5)
      let report = try transfer.run(from: near, to: address, far)
      #expect(report == DatagramTransfer.Report(), "\(address)")
      for size in Array(0...9) + Array(stride(from: 10, to: 1_232, by: 94)) + [1_231, 1_232] {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
        try near.send(bytes, to: address, port: 7_000)
        let there = try #require(far.receive(), "\(size) bytes to \(address)")
        #expect(there.bytes == bytes)
        try far.send(there.bytes, to: there.address, port: there.port)
        let back = try #require(near.receive(), "\(size) bytes from \(address)")
        #expect(back.bytes == bytes)
      }
    }
  }
}
