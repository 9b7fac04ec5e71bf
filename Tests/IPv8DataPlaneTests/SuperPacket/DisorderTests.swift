import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// What the network, or someone on it, does to the records of a run.
@Suite("Super-packets in disorder")
struct DisorderTests {
  private func sent(_ pair: SuperPair, _ seed: UInt64, isTCP: Bool = true) -> SuperPair.Sent {
    var random = SeededRandom(seed: seed)
    return pair.packet(
      isIPv6: seed % 2 == 0,
      isTCP ? .tcp(sequence: UInt32.max - 5000, flags: 0x18, options: []) : .udp,
      .random(20 * 700 + 33, using: &random), gsoSize: 700)
  }

  private func arrived(_ written: [TUNPacket]) -> [[UInt8]] {
    written.flatMap { NaiveSegmenter.segments($0) ?? [] }
  }

  @Test("a lost record costs one segment, and splits the packet in two", arguments: 0..<21)
  func loss(index: Int) {
    let pair = SuperPair()
    let sent = sent(pair, UInt64(index))
    var datagrams = pair.a.transmit([TUNPacket(sent.local)])
    var expected = sent.remote.segments
    datagrams.remove(at: index)
    expected.remove(at: index)
    let written = pair.carry(datagrams)
    #expect(difference(arrived(written), expected) == nil)
    #expect(written.count == (index == 0 || index == 20 ? 1 : 2))
  }

  @Test("records in any order arrive in that order, each once", arguments: 0..<20)
  func reordering(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    let sent = sent(pair, seed)
    let datagrams = pair.a.transmit([TUNPacket(sent.local)])
    let segments = sent.remote.segments
    var order = Array(datagrams.indices)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      order.swapAt(
        Int.random(in: 0..<21, using: &random), Int.random(in: 0..<21, using: &random))
    }
    // Some twice, some never.
    var first: [Int] = []
    let arriving = order.flatMap { index -> [Int] in
      let copies = [1, 1, 1, 2, 0].randomElement(using: &random) ?? 1
      return Array(repeating: index, count: copies)
    }
    for index in arriving where !first.contains(index) { first.append(index) }
    let written = pair.carry(arriving.map { datagrams[$0] })
    #expect(difference(arrived(written), first.map { segments[$0] }) == nil)
    #expect(written.count == NaiveJoiner.groups(first.map { segments[$0] }).count)
    #expect(pair.b.counters.replayed == UInt64(arriving.count - first.count))
  }

  @Test("a forged record in a run leaves it as it was", arguments: 0..<20)
  func forged(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    let sent = sent(pair, seed, isTCP: seed % 3 != 0)
    let datagrams = pair.a.transmit([TUNPacket(sent.local)])
    var forged = 0
    let arriving = datagrams.flatMap { datagram -> [[UInt8]] in
      guard Int.random(in: 0..<3, using: &random) == 0 else { return [datagram] }
      forged += 1
      var copy = datagram
      copy[Int.random(in: 12..<copy.count, using: &random)] ^=
        1 << UInt8.random(in: 0..<8, using: &random)
      return [copy, datagram]
    }
    let written = pair.carry(arriving)
    #expect(written.count == 1)
    #expect(difference(arrived(written), sent.remote.segments) == nil)
    #expect(pair.b.counters.forged == UInt64(forged))
  }

  @Test("authentic records that do not continue a run leave it as it was", arguments: 0..<20)
  func strangers(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    let sent = sent(pair, seed)
    let datagrams = pair.a.transmit([TUNPacket(sent.local)])
    let segments = sent.remote.segments
    let mark = Frame.chunkMark
    // Frames, padding, garbage and chunks of nobody, larger and smaller than the run's headers.
    let arriving = datagrams.flatMap { datagram -> [[UInt8]] in
      let length = Int.random(in: 0...900, using: &random)
      let first: UInt8 =
        ([mark, 0, 0x60, 0x45, 0xff] as [UInt8]).randomElement(using: &random) ?? 0
      return [pair.forge([first] + .random(length, using: &random)), datagram]
    }
    let written = pair.carry(arriving)
    #expect(difference(arrived(written), segments) == nil)
    #expect(written.count == segments.count)
  }

  @Test("a record on the peer's next session continues the run, and is told as its first")
  func nextSession() {
    let pair = SuperPair()
    let sent = sent(pair, 1)
    var halves = [sent, sent]
    halves[0].change { $0.payload = Array($0.payload.prefix(7000)) }
    halves[1].change { $0.payload = Array($0.payload.dropFirst(7000)) }
    halves[0].change { $0.transport = .tcp(sequence: 1000, flags: 0x10, options: []) }
    halves[1].change { $0.transport = .tcp(sequence: 8000, flags: 0x10, options: []) }
    halves[1].change { $0.identification = 10 }
    var datagrams = pair.a.transmit([TUNPacket(halves[0].local)])
    pair.install(ids: (0x330, 0x440), keys: (3, 4))
    datagrams += pair.a.transmit([TUNPacket(halves[1].local)])
    let written = pair.b.receiveBatch(datagrams, from: pair.a.endpoint)
    #expect(written.count == 1)
    #expect(difference(arrived(written), halves.flatMap { $0.remote.segments }) == nil)
    let confirmed = pair.b.out.requests.filter { if case .confirmed = $0 { true } else { false } }
    #expect(confirmed.count == 2)
  }
}
