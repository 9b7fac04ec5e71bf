import Testing

extension SystemTests {
  /// The two ECN bits of the inner IP header (RFC 3168), and TCP's answer to them.
  @Suite("Congestion marks", .serialized)
  struct CongestionTests {
    /// Of `Ip6` or `Ip`, by codepoint.
    private static let counters = ["NoECTPkts", "ECT1Pkts", "ECT0Pkts", "CEPkts"]

    private static func received(_ host: Host, isIPv6: Bool) throws -> [Int] {
      let prefix = isIPv6 ? "Ip6In" : "IpExtIn"
      let counts = try host.statistics("\(prefix)*Pkts")
      return try counters.map { try #require(counts[prefix + $0]) }
    }

    @Test("on datagrams arrive as they left, in runs too", arguments: [true, false])
    func datagrams(isIPv6: Bool) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      let alias = try #require(try ada.status(of: bob)?.address4)
      let address = isIPv6 ? try bob.identity().address6 : alias
      let near = try NamespaceSocket(on: ada.host, isIPv6: isIPv6)
      let far = try NamespaceSocket(on: bob.host, port: 7_000, isIPv6: isIPv6)
      for mark in [1, 2, 3] as [UInt8] {
        try near.mark(mark)
        for size in [1, 100, 1_200] {
          let before = try Self.received(bob.host, isIPv6: isIPv6)
          // A run of forty, cut on the way, and ten alone.
          try near.cut(at: size)
          try near.send([UInt8](repeating: mark, count: 40 * size), to: address, port: 7_000)
          try near.cut(at: 0)
          for _ in 0..<10 {
            try near.send([UInt8](repeating: mark, count: size), to: address, port: 7_000)
          }
          for _ in 0..<50 { #expect(try #require(far.receive()).bytes.count == size) }
          let after = try Self.received(bob.host, isIPv6: isIPv6)
          #expect(after[Int(mark)] - before[Int(mark)] == 50, "\(before) \(after)")
        }
      }
    }

    /// The marks are set on ada's way into the tunnel, as by a router there; TCP's ECE brings the
    /// news back, and CWR ends it.
    @Test("on a TCP connection arrive, and are answered", arguments: [true, false])
    func connection(isIPv6: Bool) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      let alias = try #require(try ada.status(of: bob)?.address4)
      let address = isIPv6 ? try bob.identity().address6 : alias
      let family = isIPv6 ? "ip6" : "ip"
      for peer in [ada, bob] { try peer.host.expect("sysctl", "-q", "-w", "net.ipv4.tcp_ecn=1") }
      try ada.host.expect(
        "nft",
        """
        table inet marks { chain postrouting { type filter hook postrouting priority mangle; \
          oifname "\(Peer.interface)" \(family) ecn ect0 numgen random mod 100 < 2 \
          \(family) ecn set ce; }; }
        """)
      let server = try bob.host.start("iperf3", "-s", "-1")
      try eventually("iperf3 listens") {
        try bob.host.run("ss", "-Hltn").output.contains(":5201 ")
      }
      let before = try Self.received(bob.host, isIPv6: isIPv6)
      let outcome = try ada.host.run("iperf3", "-c", address, "-n", "30M")
      #expect(outcome.succeeded, "\(outcome)")
      #expect(try server.finish().succeeded)
      let grown = zip(try Self.received(bob.host, isIPv6: isIPv6), before).map { $0 - $1 }
      print("TCP with ECN, by codepoint: \(grown)")
      #expect(grown[2] > 1_000 && grown[3] > 0)
      // The sender has heard of them: ECE came back through the tunnel.
      let heard = try ada.host.statistics("TcpExtTCPDeliveredCE")["TcpExtTCPDeliveredCE"]
      #expect(try #require(heard) > 0)
      for peer in [ada, bob] { #expect(try peer.host.badChecksums() == 0) }
    }
  }
}
