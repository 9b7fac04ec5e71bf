import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

@Suite("A packet filter")
struct PacketFilterTests {
  private static let ports: [UInt16] = [0, 1, 22, 80, 443, 8080, 65_535]

  private static func filter(using random: inout SeededRandom) -> PacketFilter {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .everything
    case 1: return .nothing
    default:
      return .only(
        (0..<Int.random(in: 0...3, using: &random)).map { _ in
          let number = ([1, 6, 17, 58, 253] as [UInt8]).randomElement(using: &random) ?? 6
          guard Int.random(in: 0..<3, using: &random) > 0 else { return .init(protocol: number) }
          let bounds = (0..<2).map { _ in ports.randomElement(using: &random) ?? 0 }.sorted()
          return .init(protocol: number, ports: bounds[0]...bounds[1])
        })
    }
  }

  /// Mostly TCP and UDP, now and then a fragment, cut short, or with a byte changed.
  private static func packet(using random: inout SeededRandom) -> [UInt8] {
    let isIPv6 = Bool.random(using: &random)
    let isTCP = Bool.random(using: &random)
    var packet = KernelPacket(
      source: .random(isIPv6 ? 16 : 4, using: &random),
      destination: .random(isIPv6 ? 16 : 4, using: &random),
      transport: isTCP
        ? .tcp(
          sequence: random.next(), flags: random.next(),
          options: .random(4 * Int.random(in: 0...10, using: &random), using: &random)) : .udp,
      payload: .random(Int.random(in: 0...30, using: &random), using: &random))
    packet.ports.1 = ports.randomElement(using: &random) ?? 0
    if Bool.random(using: &random) { packet.options = [1, 1, 1, 0] }
    var bytes = packet.segments[0]
    switch Int.random(in: 0..<8, using: &random) {
    case 0: bytes[Int.random(in: 0..<bytes.count, using: &random)] = random.next()
    case 1: bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
    case 2:
      bytes[isIPv6 ? 6 : 9] = ([1, 44, 58, 253] as [UInt8]).randomElement(using: &random) ?? 1
    case 3 where !isIPv6:
      bytes.put(([0x2000, 0x2005, 5] as [UInt16])[Int(random.next() % 3)], at: 6)
    case 4:
      // A header cut short within its packet.
      let header = isIPv6 ? 40 : packet.ipLength
      bytes = Array(bytes.prefix(header + Int.random(in: 0...20, using: &random)))
      bytes.put(UInt16(bytes.count - (isIPv6 ? 40 : 0)), at: isIPv6 ? 4 : 2)
    default: break
    }
    return bytes
  }

  @Test("lets in what an obvious reading of its services lets in", arguments: 0..<10)
  func oracle(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var admitted = 0
    for step in 0..<5_000 {
      let filter = Self.filter(using: &random)
      let packet = Self.packet(using: &random)
      let isAdmitted = filter.admits(packet.rawSpan)
      guard isAdmitted == NaiveFilter.admits(filter, packet) else {
        Issue.record("seed \(seed), step \(step): \(filter), \(packet)")
        return
      }
      if isAdmitted { admitted += 1 }
    }
    #expect((500..<4_500).contains(admitted))
  }

  private static let now = LanePair.start + .milliseconds(10)

  @Test("keeps out all packets of a peer, or lets in all, and counts those it keeps out")
  func nothing() {
    let pair = LanePair()
    func receive(_ number: UInt8) -> [[UInt8]] {
      let packet = packet6(from: pair.a.address, to: pair.b.address, [number])
      return pair.b.receive(
        pair.a.transmit([packet], at: Self.now), from: pair.a.endpoint, at: Self.now)
    }
    func set(_ filter: PacketFilter) { pair.b.know(pair.a, filter: filter) }
    #expect(receive(1).count == 1)
    set(.nothing)
    for number in 0..<5 as Range<UInt8> { #expect(receive(number).isEmpty) }
    #expect(pair.b.counters.filtered == 5)
    #expect(pair.b.counters.named.filter { $0.value > 0 }.map(\.name) == ["dropped.filtered"])
    set(.only([]))
    #expect(receive(1).isEmpty)
    set(.only([.init(protocol: 253)]))
    #expect(receive(1).count == 1)
    set(.everything)
    #expect(receive(1).count == 1)
    #expect(pair.b.counters.filtered == 6)
  }

  @Test("does not stop what the session needs, nor hide that its packets came")
  func session() {
    let pair = LanePair()
    pair.b.know(pair.a, filter: .nothing)
    let packet = packet6(from: pair.a.address, to: pair.b.address, [1])
    let sent = pair.a.transmit([packet], at: Self.now)
    #expect(pair.b.receive(sent, from: pair.a.endpoint, at: Self.now).isEmpty)
    _ = pair.a.lane.challenge(pair.a.peer, at: Self.now, into: &pair.a.out)
    let challenges = pair.a.out.records.map(\.bytes)
    for record in challenges {
      _ = pair.b.receive([record], from: pair.a.endpoint, at: Self.now)
      #expect(pair.b.out.records.count == 1, "the answer")
    }
    #expect(pair.b.lane.report(pair.b.peer).lastHeard == Self.now)
  }

  @Test("lets segments of a large packet pass joined, or none of them", arguments: 0..<10)
  func joined(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    let filter = PacketFilter.only([
      .init(protocol: 6, ports: 443...443), .init(protocol: 17, ports: 1...80),
    ])
    pair.b.know(pair.a, filter: filter)
    var dropped = 0
    for _ in 0..<10 {
      let sent = (0..<3).map { _ in
        var packet = pair.randomPacket(using: &random)
        let port = ([53, 443] as [UInt16]).randomElement(using: &random) ?? 0
        packet.change { $0.ports.1 = port }
        return packet
      }
      let written = pair.carry(pair.a.transmit(sent.map { TUNPacket($0.local) }))
      let segments = sent.map { $0.remote.segments }
      let admitted = segments.flatMap { $0.filter { NaiveFilter.admits(filter, $0) } }
      dropped += segments.flatMap { $0 }.count - admitted.count
      let arrived = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
      #expect(difference(arrived, admitted) == nil)
      #expect(written.count == NaiveJoiner.groups(admitted).count)
    }
    #expect(pair.b.counters.filtered == UInt64(dropped) && dropped > 0)
  }
}
