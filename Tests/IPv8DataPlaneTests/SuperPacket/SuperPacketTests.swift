import IPv8Crypto
import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

@Suite("Super-packets")
struct SuperPacketTests {
  private static let suites = AEADSuite.allCases.filter {
    AEADOffer.local.contains(AEADOffer(rawValue: 1 << $0.rawValue))
  }

  /// What b's kernel makes of what b's lane wrote.
  private func arrived(_ written: [TUNPacket]) -> [[UInt8]] {
    written.flatMap { packet -> [[UInt8]] in
      let segments = NaiveSegmenter.segments(packet)
      #expect(segments != nil, "a kernel would refuse this")
      return segments ?? []
    }
  }

  @Test("arrive as what the sending kernel would have put on a wire", arguments: 0..<20)
  func random(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair(suite: Self.suites.randomElement(using: &random) ?? .chaCha20Poly1305)
    for _ in 0..<5 {
      let sent = pair.randomPacket(using: &random)
      let datagrams = pair.a.transmit([TUNPacket(sent.local)])
      let expected = sent.remote.segments
      #expect(datagrams.count == expected.count)
      let written = pair.carry(datagrams)
      #expect(difference(arrived(written), expected) == nil)
      #expect(written.count == NaiveJoiner.groups(expected).count)
    }
    #expect(pair.a.counters == LaneCounters() && pair.b.counters == LaneCounters())
  }

  @Test("keep all bytes, flags and sequence numbers at any segment size", arguments: [4, 6])
  func sizes(version: Int) {
    var random = SeededRandom(seed: UInt64(version))
    for size in [1, 2, 7, 19, 20, 28, 39, 40, 48, 59, 60, 72, 255, 1188, 1340, 9000] {
      let pair = SuperPair()
      for count in [size + 1, 2 * size - 1, 2 * size, 3 * size + size / 2 + 1] {
        let transport = KernelPacket.Transport.tcp(
          sequence: UInt32.max - UInt32(size), flags: 0xd9,
          options: [1, 1, 8, 10] + .random(8, using: &random))
        let payload = [UInt8].random(max(count, size + 1), using: &random)
        for kind in [transport, .udp] {
          let sent = pair.packet(isIPv6: version == 6, kind, payload, gsoSize: size)
          let written = pair.carry(pair.a.transmit([TUNPacket(sent.local)]))
          #expect(written.count == 1, "one packet again: \(size) of \(payload.count)")
          #expect(difference(arrived(written), sent.remote.segments) == nil)
          #expect(written.first?.offload.gsoSize == UInt16(size))
        }
      }
    }
  }

  @Test("of interleaved flows, with plain packets between, arrive in order", arguments: 0..<10)
  func interleaved(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    var flows = (0..<3).map { _ in Flow(pair, using: &random) }
    for _ in 0..<10 {
      var packets: [TUNPacket] = []
      var expected: [[UInt8]] = []
      for _ in 0..<6 {
        if Int.random(in: 0..<5, using: &random) == 0 {
          let plain = Self.plain(pair, using: &random)
          packets.append(TUNPacket(plain.local))
          expected.append(plain.remote)
        } else {
          let index = Int.random(in: 0..<3, using: &random)
          let sent = flows[index].next(using: &random)
          packets.append(TUNPacket(sent.local))
          expected += sent.remote.segments
        }
      }
      let written = pair.carry(pair.a.transmit(packets))
      #expect(difference(arrived(written), expected) == nil)
      #expect(written.count == NaiveJoiner.groups(expected).count)
    }
  }

  /// One TCP or UDP flow, its sequence and identification going on from packet to packet.
  private struct Flow {
    var packet: SuperPair.Sent

    init(_ pair: SuperPair, using random: inout SeededRandom) {
      let transport: KernelPacket.Transport =
        Bool.random(using: &random)
        ? .tcp(
          sequence: random.next(), flags: 0x10, options: [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2])
        : .udp
      packet = pair.packet(isIPv6: Bool.random(using: &random), transport, [])
      let port = UInt16.random(in: 1...UInt16.max, using: &random)
      packet.change { $0.ports.0 = port }
      packet.change { $0.gsoSize = 500 }
    }

    mutating func next(using random: inout SeededRandom) -> SuperPair.Sent {
      let count = 500 * Int.random(in: 2...8, using: &random)
      let rest = Bool.random(using: &random) ? 0 : Int.random(in: 1..<500, using: &random)
      let payload = [UInt8].random(count + rest, using: &random)
      packet.change { $0.payload = payload }
      defer {
        let segments = UInt16(packet.local.segments.count)
        packet.change { packet in
          packet.identification &+= segments
          if case .tcp(let sequence, let flags, let options) = packet.transport {
            packet.transport = .tcp(
              sequence: sequence &+ UInt32(payload.count), flags: flags, options: options)
          }
        }
      }
      return packet
    }
  }

  /// A packet that is never joined: ICMP, an unknown protocol, an IPv4 fragment of TCP.
  private static func plain(
    _ pair: SuperPair, using random: inout SeededRandom
  ) -> (local: [UInt8], remote: [UInt8]) {
    let body = [UInt8].random(Int.random(in: 8...200, using: &random), using: &random)
    let sent = pair.packet(isIPv6: Bool.random(using: &random), .udp, body)
    var local = sent.local.segments[0]
    guard !sent.local.isIPv6 else {
      local[6] = Bool.random(using: &random) ? 58 : 253
      return (local, local)
    }
    local[9] = ([1, 253, 6] as [UInt8]).randomElement(using: &random) ?? 1
    // Not the first fragment: its bytes are no TCP header.
    local.put(0x2005 as UInt16, at: 6)
    var remote = local
    remote.replaceSubrange(12..<20, with: sent.remote.source + sent.remote.destination)
    func complete(_ bytes: inout [UInt8]) {
      bytes.put(0 as UInt16, at: 10)
      bytes.put(NaiveChecksum.checksum(Array(bytes[..<20])), at: 10)
    }
    complete(&local)
    complete(&remote)
    return (local, remote)
  }

  @Test("of two flows that alternate segment by segment are not joined, and stay in order")
  func alternating() {
    let pair = SuperPair()
    var random = SeededRandom(seed: 1)
    let flows = [UInt16(1), 2].map { port in
      var sent = pair.packet(
        isIPv6: true, .tcp(sequence: 5, flags: 0x10, options: []),
        .random(5000, using: &random), gsoSize: 500)
      sent.change { $0.ports.0 = port }
      return sent
    }
    let datagrams = flows.map { pair.a.transmit([TUNPacket($0.local)]) }
    let mixed = zip(datagrams[0], datagrams[1]).flatMap { [$0, $1] }
    let segments = flows.map { $0.remote.segments }
    let written = pair.carry(mixed)
    #expect(
      difference(arrived(written), zip(segments[0], segments[1]).flatMap { [$0, $1] }) == nil)
    #expect(written.count == 20)
  }

  @Test("single packets with a partial checksum arrive complete", arguments: 0..<4)
  func partial(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    for size in [0, 1, 2, 7, 64, 1199, 1200] {
      for isIPv6 in [true, false] {
        var sent = pair.packet(isIPv6: isIPv6, .udp, .random(size, using: &random))
        let identification = UInt16.random(in: 0...UInt16.max, using: &random)
        sent.change { $0.identification = identification }
        let written = pair.carry(pair.a.transmit([TUNPacket(sent.local)]))
        #expect(difference(arrived(written), sent.remote.segments) == nil)
      }
    }
  }

  @Test("datagrams of equal size that single packets carried are joined, up to 65,000 bytes")
  func burst() {
    let pair = SuperPair()
    var random = SeededRandom(seed: 1)
    let sent = (0..<100 as Range<UInt16>).map { number in
      var sent = pair.packet(isIPv6: false, .udp, .random(1200, using: &random))
      sent.change { $0.identification = number }
      return sent
    }
    let written = pair.carry(pair.a.transmit(sent.map { TUNPacket($0.local) }))
    #expect(difference(arrived(written), sent.flatMap { $0.remote.segments }) == nil)
    #expect(written.map { $0.bytes.count } == [28 + 54 * 1200, 28 + 46 * 1200])
  }
}
