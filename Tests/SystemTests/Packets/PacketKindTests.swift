import IPv8Wire
import PacketOracle
import Testing

extension SystemTests {
  /// Packets that a test made byte by byte, through two daemons and their kernels, compared with
  /// what an obvious program says must come out. Nothing of the tunnel judges itself here.
  @Suite("Packets of every kind", .serialized)
  struct PacketKindTests {
    typealias Fill = @Sendable (inout PacketSamples) -> Void

    /// What a test sends.
    struct Kind: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let fill: Fill
    }

    static let kinds = [
      Kind(testDescription: "of every size") { $0.addSizes() },
      Kind(testDescription: "that the kernel leaves uncut") { $0.addLarge() },
      Kind(testDescription: "with every ECN bit") { $0.addCongestion() },
      Kind(testDescription: "with options and extension headers") { $0.addOptions() },
      Kind(testDescription: "in fragments") { $0.addFragments() },
    ]

    static let gaps = [
      Kind(testDescription: "large behind IPv6 extension headers") { $0.addLargeExtended() },
      Kind(testDescription: "with a partial checksum further inside") { $0.addEncapsulated() },
    ]

    /// A raw capture on the receiver's interface, where checksums may still be partial.
    @Test("reach the receiver's interface as they were sent", arguments: kinds)
    func local(kind: Kind) throws {
      try Self.expectArrival(of: kind, Lab().acquaintedPeers())
    }

    @Test("reach it whatever lane they take", arguments: kinds)
    func lanes(kind: Kind) throws {
      let lab = try Lab()
      try Self.expectArrival(
        of: kind,
        lab.acquaintedPeers(on: lab.linkedHosts(), configuration: ("lanes = 3", "lanes = 2")))
    }

    @Test("reach it over an interface of large packets", arguments: kinds)
    func jumbo(kind: Kind) throws {
      let lab = try Lab()
      let hosts = try lab.linkedHosts()
      for host in [hosts.0, hosts.1] {
        try host.expect("ip", "link", "set", "dev", "eth0", "mtu", "9100")
      }
      try Self.expectArrival(
        of: kind,
        lab.acquaintedPeers(on: hosts, configuration: ("mtu = 9000", "mtu = 9000")), mtu: 9_000)
    }

    @Test("reach it in forms that kernels seldom leave them in", arguments: gaps)
    func gap(kind: Kind) throws {
      try Self.expectArrival(of: kind, Lab().acquaintedPeers())
    }

    private static func expectArrival(
      of kind: Kind, _ peers: (Peer, Peer), mtu: Int = 1280
    ) throws {
      let (ada, bob) = peers
      #expect(try ada.reaches(bob))
      let routes = try ada.routes(to: bob)
      for peer in [ada, bob] { try peer.host.silence(Peer.interface) }
      let near = try PacketSocket(on: ada.host, interface: Peer.interface)
      let far = try PacketSocket(on: bob.host, interface: Peer.interface)
      for route in routes {
        var samples = PacketSamples(route, mtu: mtu, seed: 1)
        kind.fill(&samples)
        for sample in samples.samples {
          for packet in sample.sent { try near.send(packet) }
          let found = try collect(sample.expected, from: far) { frame in
            guard let segments = NaiveSegmenter.segments(frame) else {
              Issue.record("\(sample.name): a packet that a kernel would refuse: \(frame)")
              return []
            }
            return segments
          }
          // The first that differs says enough.
          try #require(difference(found, sample.expected) == nil, "\(sample.name)")
        }
      }
      #expect(try bob.host.badChecksums() == 0)
    }

    /// Only behind a further cable without offloads does a kernel compute what was left out, so only
    /// there does a capture show the checksums of a wire.
    @Test("leave the receiver's machine with right checksums", arguments: kinds)
    func forwarded(kind: Kind) throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      let cyd = try bob.host.attach("cyd", device: "out0", net: 88)
      for (end, device) in [(bob.host, "out0"), (cyd, "eth0")] {
        try end.switchOffloads(off: device)
        try end.switchChecksums(off: device)
      }
      try bob.host.forwardOverlay(to: 88)
      let routes = try ada.routes(to: bob)
      for (end, device) in [(ada.host, Peer.interface), (cyd, "eth0")] { try end.silence(device) }
      let near = try PacketSocket(on: ada.host, interface: Peer.interface)
      let far = try PacketSocket(on: cyd, interface: "eth0")
      for route in routes {
        let behind = PacketSample.Route(
          local: route.local,
          remote: (route.remote.source, (route.isIPv6 ? "fd88::2" : "10.88.0.2").addressBytes))
        var samples = PacketSamples(behind, hopLimit: 63, seed: 2)
        kind.fill(&samples)
        for sample in samples.samples {
          for packet in sample.sent { try near.send(packet) }
          let whole = Self.reassembled(sample.expected)
          // The router may have cut it elsewhere, and counted its fragments anew.
          var fragments = Reassembly()
          let found = try Self.collect(whole, from: far) { frame in
            guard let bytes = frame.ipPacket,
              IPLayers(bytes)?.source == behind.remote.source
            else { return [] }
            if let fault = ChecksumVerdict.fault(bytes) { Issue.record("\(sample.name): \(fault)") }
            return fragments.add(bytes).map { [$0] } ?? []
          }
          try #require(difference(found, whole) == nil, "\(sample.name)")
        }
      }
      #expect(try bob.host.badChecksums() == 0)
      #expect(try cyd.badChecksums() == 0)
    }

    /// What arrives from where the samples come from, until it is as much as `expected`.
    private static func collect(
      _ expected: [[UInt8]], from socket: PacketSocket, _ read: (TUNPacket) -> [[UInt8]]
    ) throws -> [[UInt8]] {
      let source = expected.first.flatMap { IPLayers($0)?.source }
      var found: [[UInt8]] = []
      while found.count < expected.count {
        guard let frame = try socket.receive(within: 2) else { break }
        found += read(frame).filter { IPLayers($0)?.source == source }.map(withOneZero)
      }
      return found
    }

    /// A TCP checksum of 0xffff says the same as the 0 that samples have, and kernels write either.
    private static func withOneZero(_ packet: [UInt8]) -> [UInt8] {
      guard let layers = IPLayers(packet), layers.number == 6, layers.fragment == nil,
        packet.count >= layers.transport + 18
      else { return packet }
      let at = layers.transport + 16
      guard packet[at] == 0xff, packet[at + 1] == 0xff else { return packet }
      return packet[..<at] + [0, 0] + packet[(at + 2)...]
    }

    private static func reassembled(_ packets: [[UInt8]]) -> [[UInt8]] {
      var fragments = Reassembly()
      return packets.compactMap { fragments.add($0) }
    }
  }
}
