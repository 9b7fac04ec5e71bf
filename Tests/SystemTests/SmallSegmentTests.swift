import Foundation
import Testing

extension SystemTests {
  /// Payloads of a few bytes, where headers and seals are most of what crosses.
  @Suite("Small segments", .serialized)
  struct SmallSegmentTests {
    @Test("of a TCP connection, as many as a large packet can hold", arguments: [true, false])
    func connection(offloads: Bool) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      for peer in [ada, bob] {
        if !offloads { try peer.host.switchOffloads(off: "eth0") }
        // Both ends believe that the other wants no more.
        try peer.host.expect(
          "nft",
          """
          table inet small { chain postrouting { type filter hook postrouting priority mangle; \
            oifname "\(Peer.interface)" tcp flags syn tcp option maxseg size set 88; }; }
          """)
      }
      try expectFiles(from: ada, to: bob, bytes: 500_000)
      for peer in [ada, bob] {
        #expect(try peer.host.badChecksums() == 0)
        let counters = try peer.status().counters
        print("small segments: \(counters.filter { $0.value > 0 })")
        #expect(counters["dropped.tun"] == 0 && counters["dropped.oversized"] == 0)
      }
    }

    /// More of one size, and from one batch of the tunnel, than a kernel cuts one datagram into.
    @Test("of bursts of datagrams, each alone", arguments: [true, false])
    func bursts(isIPv6: Bool) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      let address = try ada.address(of: bob, isIPv6: isIPv6)
      let near = try NamespaceSocket(on: ada.host, isIPv6: isIPv6)
      let far = try NamespaceSocket(on: bob.host, port: 7_000, isIPv6: isIPv6)
      try far.enlarge(to: 16 << 20)
      for size in [1, 2, 3, 8, 20, 57, 200, 1_232] {
        for round in 0..<5 as Range<UInt8> {
          // As many as wait in the interface's queue.
          let sent = (0..<400).map { number in
            [UInt8](repeating: UInt8(truncatingIfNeeded: number) &+ round, count: size)
          }
          for datagram in sent { try near.send(datagram, to: address, port: 7_000) }
          for datagram in sent {
            #expect(try #require(far.receive(), "of \(size) bytes").bytes == datagram)
          }
        }
      }
      for peer in [ada, bob] {
        #expect(try peer.host.badChecksums() == 0)
        #expect(try peer.status().counters["dropped.tun"] == 0)
      }
    }
  }
}
