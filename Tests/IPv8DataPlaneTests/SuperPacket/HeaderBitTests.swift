import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// What may differ between two chunks that are joined, tried bit by bit.
@Suite("Headers of chunks that follow each other")
struct HeaderBitTests {
  /// Two segments that continue each other, as they stand in chunks.
  private func segments(
    _ pair: SuperPair, isIPv6: Bool, isTCP: Bool, isAtomic: Bool = true
  ) -> [[UInt8]] {
    var random = SeededRandom(seed: 3)
    let timestamps: [UInt8] = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
    var packet = pair.packet(
      isIPv6: isIPv6, isTCP ? .tcp(sequence: 77, flags: 0x10, options: timestamps) : .udp,
      .random(200, using: &random), gsoSize: 100
    ).local
    packet.options = isIPv6 ? [] : [0x88, 4, 1, 2]
    packet.dontFragment = isAtomic
    if !isIPv6 {
      packet.source = .big(pair.a.wireAlias.value)
      packet.destination = .big(pair.b.wireAlias.value)
    }
    return packet.segments
  }

  /// A chunk as the receiver's kernel sees it: with its own addresses, lengths and checksums.
  private func seen(_ chunk: [UInt8], _ pair: SuperPair) -> [UInt8] {
    var chunk = chunk
    guard let layers = IPLayers(chunk) else { return chunk }
    if !layers.isIPv6 {
      chunk.put(pair.b.peerAlias.value, at: 12)
      chunk.put(pair.b.alias.value, at: 16)
    }
    if layers.number == 17 {
      chunk.put(UInt16(chunk.count - layers.transport), at: layers.transport + 4)
    }
    return NaiveSegmenter.withChecksums(chunk)
  }

  /// Without the identification, which is counted on from the first.
  private func comparable(_ packet: [UInt8]) -> [UInt8] {
    guard packet[0] >> 4 == 4 else { return packet }
    var packet = packet
    packet.put(0 as UInt16, at: 4)
    packet.put(0 as UInt16, at: 10)
    return packet
  }

  @Test(
    "may differ where an obvious reading lets them, and arrive as they were either way",
    arguments: [true, false], [true, false])
  func bits(isIPv6: Bool, isTCP: Bool) throws {
    let pair = SuperPair()
    let good = segments(pair, isIPv6: isIPv6, isTCP: isTCP)
    let headers = try #require(IPLayers(good[0])).transport + (isTCP ? 32 : 8)
    var (joined, apart, refused) = (0, 0, 0)
    for bit in 0..<8 * headers {
      var next = good[1]
      next[bit / 8] ^= 0x80 >> (bit % 8)
      let mark = [Frame.chunkMark]
      let isTaken = pair.carry([pair.forge(mark + next)]).count == 1
      let written = pair.carry([good[0], next].map { pair.forge(mark + $0) })
      let expected = (isTaken ? [good[0], next] : [good[0]]).map { seen($0, pair) }
      let groups = NaiveJoiner.groups(expected).count
      #expect(written.count == groups, "bit \(bit % 8) of byte \(bit / 8)")
      let found = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
      let difference = difference(found.map(comparable), expected.map(comparable))
      #expect(difference == nil, "bit \(bit % 8) of byte \(bit / 8)")
      refused += isTaken ? 0 : 1
      joined += isTaken && groups == 1 ? 1 : 0
      apart += groups == 2 ? 1 : 0
    }
    // Addresses and lengths are not the peer's to choose; few other fields may differ.
    #expect(refused >= (isIPv6 ? 256 : 64) && apart > 40 && joined > 15)
  }

  @Test(
    "with another identification are joined where it says nothing, and apart where they may be fragmented",
    arguments: [true, false], [true, false])
  func identification(isTCP: Bool, isAtomic: Bool) {
    let pair = SuperPair()
    let good = segments(pair, isIPv6: false, isTCP: isTCP, isAtomic: isAtomic)
    for step in [0, 1, 2, 0xffff] as [UInt16] {
      var next = good[1]
      next.put(good[0].word(4) &+ step, at: 4)
      let chunks = [good[0], next]
      let written = pair.carry(chunks.map { pair.forge([Frame.chunkMark] + $0) })
      #expect(written.count == (isAtomic || step == 1 ? 1 : 2), "\(step)")
      let found = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
      let wanted = chunks.map { seen($0, pair) }
      let difference =
        isAtomic
        ? difference(found.map(comparable), wanted.map(comparable)) : difference(found, wanted)
      #expect(difference == nil, "\(step)")
    }
  }
}
