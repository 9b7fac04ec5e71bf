import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// What a peer with a session of its own may send.
@Suite("Chunks of a hostile peer")
struct HostileChunkTests {
  private func chunk(_ packet: [UInt8]) -> [UInt8] { [Frame.chunkMark] + packet }

  private func packet(_ pair: SuperPair, isIPv6: Bool) -> [UInt8] {
    var packet = pair.packet(
      isIPv6: isIPv6, .tcp(sequence: 1, flags: 0x10, options: []),
      [UInt8](repeating: 7, count: 100)
    ).local
    if !isIPv6 {
      packet.source = .big(pair.a.wireAlias.value)
      packet.destination = .big(pair.b.wireAlias.value)
    }
    return packet.handedOver
  }

  @Test("from or to other addresses are dropped, in a run as alone", arguments: [4, 6])
  func addresses(version: Int) {
    let pair = SuperPair()
    let good = packet(pair, isIPv6: version == 6)
    let addresses = version == 6 ? 8..<40 : 12..<20
    for offset in addresses {
      var bad = good
      bad[offset] ^= 1
      var next = bad
      next.put(101 as UInt32, at: version == 6 ? 44 : 24)
      let records = [good, next, bad].map { pair.forge(chunk($0)) }
      #expect(pair.carry(records).count == 1)
    }
    #expect(pair.b.counters.misaddressed == UInt64(2 * addresses.count))
  }

  @Test("whose lengths disagree with what is there are dropped", arguments: [4, 6])
  func lengths(version: Int) {
    let pair = SuperPair()
    let good = packet(pair, isIPv6: version == 6)
    var bad: [[UInt8]] = (0..<(good.count - 100)).map { Array(good.prefix($0)) }
    bad += [good + [0], Array(good.dropLast())]
    // A TCP header said to be too short, or longer than the packet.
    let start = version == 6 ? 40 : 20
    for words in [0, 1, 4] as [UInt8] {
      var packet = good
      packet[start + 12] = words << 4
      bad.append(packet)
    }
    var long = NaiveSegmenter.withChecksums(Array(good.prefix(start + 20)))
    long[start + 12] = 0xf0
    long.put(UInt16(version == 6 ? 20 : 40), at: version == 6 ? 4 : 2)
    bad.append(long)
    if version == 4 {
      for value in [0x41, 0x44, 0x4f] as [UInt8] { bad.append([value] + good.dropFirst()) }
      var fragment = good
      fragment.put(0x2000 as UInt16, at: 6)
      bad.append(fragment)
    }
    for packet in bad { #expect(pair.carry([pair.forge(chunk(packet))]).isEmpty, "\(packet)") }
    #expect(pair.b.counters.malformed == UInt64(bad.count))
  }

  @Test("of any bytes never trap, and what passes is the peer's own", arguments: 0..<10)
  func garbage(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    let good = [4, 6].map { packet(pair, isIPv6: $0 == 6) }
    var passed = 0
    for _ in 0..<300 {
      let records = (0..<8).map { _ in
        var packet = good[Int.random(in: 0..<2, using: &random)]
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          packet[Int.random(in: 0..<packet.count, using: &random)] = random.next()
        }
        let kept =
          Bool.random(using: &random)
          ? packet.count : Int.random(in: 0...packet.count, using: &random)
        return pair.forge(chunk(Array(packet.prefix(kept))))
      }
      for written in pair.carry(records) {
        passed += 1
        #expect(NaiveSegmenter.segments(written) != nil)
        let isIPv6 = written.bytes[0] >> 4 == 6
        let addresses = Array(isIPv6 ? written.bytes[8..<40] : written.bytes[12..<20])
        let expected =
          isIPv6
          ? SuperPair.bytes(pair.a.address) + SuperPair.bytes(pair.b.address)
          : .big(pair.b.peerAlias.value) + .big(pair.b.alias.value)
        #expect(addresses == expected)
      }
    }
    #expect(passed > 0)
  }

  @Test("more than the memory of a batch is counted, and what came before it passes")
  func openedFull() {
    let pair = SuperPair(b: SuperEnd(2, openedBytes: 20_000))
    var random = SeededRandom(seed: 1)
    let sent = pair.packet(
      isIPv6: true, .tcp(sequence: 1, flags: 0x10, options: []), .random(60_000, using: &random),
      gsoSize: 1000)
    let written = pair.carry(pair.a.transmit([TUNPacket(sent.local)]))
    let segments = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
    #expect((1..<60).contains(segments.count))
    #expect(difference(segments, Array(sent.remote.segments.prefix(segments.count))) == nil)
    #expect(pair.b.counters.oversized == UInt64(60 - segments.count))
  }

  @Test("a sender without memory for all of a batch counts what it drops")
  func sealedFull() {
    let pair = SuperPair(a: SuperEnd(1, sealedBytes: 20_000))
    var random = SeededRandom(seed: 1)
    let sent = (0..<3).map { _ in
      pair.packet(
        isIPv6: false, .tcp(sequence: 1, flags: 0x10, options: []), .random(9_000, using: &random),
        gsoSize: 1000)
    }
    let datagrams = pair.a.transmit(sent.map { TUNPacket($0.local) })
    #expect(datagrams.count == 18)
    #expect(pair.a.counters.oversized == 1)
    let segments = pair.carry(datagrams).flatMap { NaiveSegmenter.segments($0) ?? [] }
    #expect(difference(segments, sent.prefix(2).flatMap { $0.remote.segments }) == nil)
  }

  @Test("a large packet that cannot be cut is counted")
  func uncuttable() {
    let pair = SuperPair()
    var sent = pair.packet(isIPv6: true, .udp, [UInt8](repeating: 1, count: 100), gsoSize: 10)
    var offload = sent.local.offload
    offload.gsoSize = 0
    sent.change { $0.gsoSize = 0 }
    #expect(pair.a.transmit([TUNPacket(sent.local.handedOver, offload)]).isEmpty)
    var bytes = sent.local.handedOver
    bytes[6] = 253
    #expect(
      pair.a.transmit([
        TUNPacket(bytes, pair.packet(isIPv6: true, .udp, [1], gsoSize: 1).local.offload)
      ]).isEmpty)
    #expect(pair.a.counters.oversized == 2)
  }
}
