import IPv8Crypto
import IPv8Wire
import P2TP
import PacketOracle
import TestVectors
import Testing

@testable import IPv8DataPlane

/// Random streams of everything that programs send, over networks of every kind, against an oracle
/// that takes one packet at a time.
@Suite("Streams")
struct StreamTests {
  /// Probabilities, 0...1, for each datagram.
  struct Network: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var loss = 0.0
    var duplication = 0.0
    var reordering = 0.0
  }

  static let networks = [
    Network(testDescription: "a clean network"),
    Network(testDescription: "a network that loses 1%", loss: 0.01),
    Network(testDescription: "a network that loses a third", loss: 0.33),
    Network(testDescription: "a network that doubles", duplication: 0.2),
    Network(testDescription: "a network that reorders", reordering: 0.2),
    Network(
      testDescription: "a network that does it all", loss: 0.01, duplication: 0.05,
      reordering: 0.05),
  ]

  /// One record under way, and what it stands for.
  private struct Sealed {
    let datagram: [UInt8]
    let expected: [UInt8]
    let isChunk: Bool
  }

  private static let suites = AEADSuite.allCases.filter {
    AEADOffer.local.contains(AEADOffer(rawValue: 1 << $0.rawValue))
  }

  @Test("come out packet by packet as sent, over", arguments: networks)
  func oracle(network: Network) {
    var random = TestRandom("Stream over \(network)")
    for round in 0..<10 {
      // A peer that takes no chunks now and then.
      let takesChunks = round % 5 != 4
      let pair = SuperPair(
        capabilities: takesChunks ? .local : [],
        suite: Self.suites.randomElement(using: &random) ?? .chaCha20Poly1305)
      let sealed = Self.send(over: pair, takesChunks: takesChunks, using: &random)
      let arriving = Self.disturb(Array(sealed.indices), network, using: &random)
      var seen: Set<Int> = []
      var rest = arriving[...]
      while !rest.isEmpty {
        let batch = rest.prefix(Int.random(in: 1...60, using: &random))
        rest = rest.dropFirst(batch.count)
        let fresh = batch.filter { seen.insert($0).inserted }.map { sealed[$0] }
        let trains = Self.trains(batch.map { sealed[$0].datagram }, using: &random)
        let written = pair.b.receive(pair.b.place(trains: trains, from: pair.a.endpoint))
        let found = written.flatMap { packet -> [[UInt8]] in
          let segments = NaiveSegmenter.segments(packet)
          #expect(segments != nil, "a kernel would refuse this")
          return segments ?? []
        }
        let difference = difference(
          found.map(Self.comparable), fresh.map { Self.comparable($0.expected) })
        #expect(difference == nil, "round \(round)")
        #expect(found.compactMap(ChecksumVerdict.fault) == [])
        #expect(written.count == Self.joined(fresh), "round \(round)")
        guard difference == nil else { return }
      }
      #expect(pair.a.counters == LaneCounters())
      var expected = LaneCounters()
      expected.replayed = UInt64(arriving.count - seen.count)
      #expect(pair.b.counters == expected)
    }
  }

  /// What a seals of a random stream, in random batches of the TUN.
  private static func send(
    over pair: SuperPair, takesChunks: Bool, using random: inout TestRandom
  ) -> [Sealed] {
    var stream = RandomStream(pair, using: &random)
    var sealed: [Sealed] = []
    for _ in 0..<12 {
      var items: [RandomStream.Item] = []
      for _ in 0..<Int.random(in: 1...10, using: &random) {
        items += stream.next(using: &random)
      }
      for item in items {
        // The oracle of the one side agrees with the oracle of the other.
        #expect(NaiveSegmenter.segments(item.packet)?.count == item.expected.count)
      }
      let datagrams = pair.a.transmit(items.map(\.packet))
      let expected = items.flatMap { item in
        item.expected.map { (bytes: $0, isChunk: item.isChunk && takesChunks) }
      }
      #expect(datagrams.count == expected.count)
      sealed += zip(datagrams, expected).map {
        Sealed(datagram: $0, expected: $1.bytes, isChunk: $1.isChunk)
      }
    }
    return sealed
  }

  /// The order in which what is not lost arrives.
  private static func disturb(
    _ numbers: [Int], _ network: Network, using random: inout TestRandom
  ) -> [Int] {
    var placed: [(at: Double, number: Int)] = []
    for number in numbers {
      let copies = Double.random(in: 0..<1, using: &random) < network.duplication ? 2 : 1
      for copy in 0..<copies where Double.random(in: 0..<1, using: &random) >= network.loss {
        let isLate = Double.random(in: 0..<1, using: &random) < network.reordering
        // A second copy comes at once, or later.
        let late = isLate || copy == 1 && Bool.random(using: &random)
        placed.append(
          (Double(number) + (late ? Double.random(in: 0...40, using: &random) : 0), number))
      }
    }
    // Stable: what is not late keeps its order.
    return placed.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }.map(\.element.number)
  }

  /// Trains as a kernel joins datagrams, ending anywhere, or single datagrams where it joins none.
  private static func trains(
    _ datagrams: [[UInt8]], using random: inout TestRandom
  ) -> [[[UInt8]]] {
    if random.oneIn(4) { return datagrams.map { [$0] } }
    return SuperEnd.trains(datagrams).flatMap { train -> [[[UInt8]]] in
      guard train.count > 1, random.oneIn(3) else { return [train] }
      let cut = Int.random(in: 1..<train.count, using: &random)
      return [Array(train[..<cut]), Array(train[cut...])]
    }
  }

  /// How many packets should reach the TUN: chunks of one flow that follow each other as one.
  private static func joined(_ batch: [Sealed]) -> Int {
    var stretches: [[[UInt8]]] = [[]]
    var plain = 0
    for record in batch {
      if record.isChunk {
        stretches[stretches.count - 1].append(record.expected)
      } else {
        plain += 1
        stretches.append([])
      }
    }
    return plain + stretches.reduce(0) { $0 + NaiveJoiner.groups($1).count }
  }

  /// Without what may differ: the identification of an IPv4 datagram that must not be fragmented, which
  /// says nothing (RFC 6864) and is counted up where datagrams are joined; the two forms of a zero TCP
  /// checksum.
  private static func comparable(_ packet: [UInt8]) -> [UInt8] {
    var packet = packet
    guard let layers = IPLayers(packet), layers.fragment == nil else { return packet }
    if !layers.isIPv6, packet.word(6) & 0x4000 != 0 {
      packet.put(0 as UInt16, at: 4)
      packet.put(0 as UInt16, at: 10)
    }
    if layers.number == 6, packet.word(layers.transport + 16) == 0 {
      packet.put(0xffff as UInt16, at: layers.transport + 16)
    }
    return packet
  }

  // MARK: Patterns

  /// Four segments, in every order, each lost or not, one of them or none doubled, at any place.
  @Test(
    "of one large packet come out right in every pattern of loss, order and duplication",
    arguments: [4, 6], [true, false])
  func patterns(version: Int, isTCP: Bool) {
    var random = SeededRandom(seed: UInt64(version))
    let pair = SuperPair()
    var sequence: UInt32 = 5_000
    for pattern in Self.everyPattern(of: 4) {
      var sent = pair.packet(
        isIPv6: version == 6,
        isTCP ? .tcp(sequence: sequence, flags: 0x98, options: []) : .udp,
        .random(3 * 20 + 13, using: &random), gsoSize: 20)
      sent.change { $0.identification = UInt16(truncatingIfNeeded: sequence) }
      sequence &+= 1_000
      let datagrams = pair.a.transmit([TUNPacket(sent.local)])
      var seen: Set<Int> = []
      let fresh = pattern.filter { seen.insert($0).inserted }.map { sent.remote.segments[$0] }
      let written = pair.carry(pattern.map { datagrams[$0] })
      let found = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
      let difference = difference(found.map(Self.comparable), fresh.map(Self.comparable))
      #expect(difference == nil, "\(pattern)")
      #expect(written.count == NaiveJoiner.groups(fresh).count, "\(pattern)")
      guard difference == nil else { return }
    }
  }

  private static func everyPattern(of count: Int) -> [[Int]] {
    var orders: [[Int]] = [[]]
    for length in 0..<count {
      for order in orders where order.count == length {
        orders += (0..<count).filter { !order.contains($0) }.map { order + [$0] }
      }
    }
    let doubled = orders.flatMap { order in
      order.indices.flatMap { copied in
        (copied + 1...order.count).map { place in
          Array(order[..<place]) + [order[copied]] + order[place...]
        }
      }
    }
    return orders.dropFirst() + doubled
  }
}
