import Testing

extension SystemTests {
  /// The two ECN bits of the inner IP header (RFC 3168), and TCP's answer to them.
  @Suite("Congestion marks", .serialized)
  struct CongestionTests {
    @Test("on datagrams arrive as they left, in runs too", arguments: [true, false])
    func datagrams(isIPv6: Bool) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      let address = try ada.address(of: bob, isIPv6: isIPv6)
      let near = try NamespaceSocket(on: ada.host, isIPv6: isIPv6)
      let far = try NamespaceSocket(on: bob.host, port: 7_000, isIPv6: isIPv6)
      for mark in [1, 2, 3] as [UInt8] {
        try near.mark(mark)
        for size in [1, 100, 1_200] {
          let capture = try WireCapture(on: bob.host, interface: Peer.interface)
          // A run of forty, cut on the way, and ten alone.
          try near.cut(at: size)
          try near.send([UInt8](repeating: mark, count: 40 * size), to: address, port: 7_000)
          try near.cut(at: 0)
          for _ in 0..<10 {
            try near.send([UInt8](repeating: mark, count: size), to: address, port: 7_000)
          }
          for _ in 0..<50 { #expect(try #require(far.receive()).bytes.count == size) }
          let verdict = try capture.judge()
          #expect(verdict.marked == [mark: 50] && verdict.faults.isEmpty, "\(verdict)")
        }
      }
    }

    /// The marks are set on ada's way into the tunnel, as by a router there; TCP's ECE brings the
    /// news back, and CWR ends it.
    @Test("on a TCP connection arrive, and are answered", arguments: [true, false])
    func connection(isIPv6: Bool) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      let address = try ada.address(of: bob, isIPv6: isIPv6)
      let family = isIPv6 ? "ip6" : "ip"
      for peer in [ada, bob] { try peer.host.expect("sysctl", "-q", "-w", "net.ipv4.tcp_ecn=1") }
      try ada.host.expect(
        "nft",
        """
        table inet marks { chain postrouting { type filter hook postrouting priority mangle; \
          oifname "\(Peer.interface)" \(family) ecn ect0 numgen random mod 100 < 5 \
          \(family) ecn set ce; }; }
        """)
      let arriving = try WireCapture(on: bob.host, interface: Peer.interface)
      let returning = try WireCapture(on: ada.host, interface: Peer.interface)
      // Marks fall on large packets by chance, of which a transfer has few.
      try eventually("a mark is answered") {
        let server = try bob.host.start("iperf3", "-s", "-1")
        try eventually("iperf3 listens") {
          try bob.host.run("ss", "-Hltn").output.contains(":5201 ")
        }
        let outcome = try ada.host.run("iperf3", "-c", address, "-n", "20M")
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try server.finish().succeeded)
        return try ada.host.statistics("TcpExtTCPDeliveredCE")["TcpExtTCPDeliveredCE"] ?? 0 > 0
      }
      let (there, back) = (try arriving.judge(), try returning.judge())
      print("TCP with ECN, there: \(there)")
      print("TCP with ECN, back: \(back)")
      #expect(there.faults.isEmpty && back.faults.isEmpty)
      #expect(there.marked[2, default: 0] > 1_000 && there.marked[3, default: 0] > 10)
      #expect(back.echoes > 0 && there.reductions > 0)
      for peer in [ada, bob] { #expect(try peer.host.badChecksums() == 0) }
    }
  }
}
