import IPv8Crypto
import IPv8Wire
import P2TP
import Testing

@testable import IPv8DataPlane

@Suite("A lane")
struct LaneTests {
  private let now = LanePair.start + .milliseconds(10)
  private static let suites = AEADSuite.allCases.filter {
    AEADOffer.local.contains(AEADOffer(rawValue: 1 << $0.rawValue))
  }

  @Test("delivers random packets as they were sent, behind a zeroed header", arguments: suites)
  func identical(suite: AEADSuite) {
    let pair = LanePair(suite: suite)
    var random = SeededRandom(seed: 1)
    for _ in 0..<500 {
      let payload = (0..<Int(random.next() % 1400)).map { _ in
        UInt8(truncatingIfNeeded: random.next())
      }
      let packet = packet6(from: pair.a.address, to: pair.b.address, payload)
      let sent = pair.a.transmit([packet], at: now)
      #expect(sent.count == 1 && sent[0].count == packet.count + 28)
      #expect(pair.b.receive(sent, from: pair.a.endpoint, at: now) == [packet])
      let range = pair.b.out.packets[0]
      let header = PacketRange(slot: Int(range.slot), offset: Int(range.offset) - 10, length: 10)
      #expect(pair.b.bytes(header) == [UInt8](repeating: 0, count: 10))
    }
  }

  @Test("cuts trains at the segment size: several, a short last one, and none")
  func trains() {
    let pair = LanePair()
    func packet(_ count: Int) -> [UInt8] {
      packet6(from: pair.a.address, to: pair.b.address, [UInt8](repeating: 5, count: count))
    }
    let packets = [packet(300), packet(300), packet(300), packet(17)]
    let sent = pair.a.transmit(packets, at: now)
    #expect(pair.b.receive(sent, from: pair.a.endpoint, at: now) == packets)
    #expect(pair.b.receive([[]], from: pair.a.endpoint, at: now).isEmpty)
    #expect(pair.b.counters.malformed == 1)
    #expect(pair.b.receive([sent[0]], from: pair.a.endpoint, at: now).isEmpty)
    #expect(pair.b.counters.replayed == 1)
  }

  @Test("passes inner packets only from the peer's address to its own", arguments: 0..<4)
  func filters(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = LanePair()
    let stranger = LaneEnd(3)
    let ends = [pair.a.address, pair.b.address, stranger.address]
    for _ in 0..<500 {
      let (source, destination) = (ends[Int(random.next() % 3)], ends[Int(random.next() % 3)])
      var packet = packet6(from: source, to: destination, [1, 2, 3])
      if random.next() % 4 == 0 {
        packet[Int(random.next() % 40)] ^= 1 << UInt8(random.next() % 8)
      }
      let record = seal(packet, from: pair.a)
      let delivered = pair.b.receive([record], from: pair.a.endpoint, at: now)
      guard case .v6(let header)? = IPPacket(packet.rawSpan),
        header.source == pair.a.address.address, header.destination == pair.b.address.address
      else {
        #expect(delivered.isEmpty)
        continue
      }
      #expect(delivered == [packet])
    }
    #expect(pair.b.counters.misaddressed > 0)
  }

  /// Seals anything on a's session, as a hostile peer would.
  private func seal(_ plaintext: [UInt8], from end: LaneEnd) -> [UInt8] {
    var datagram = [UInt8](repeating: 0, count: 12) + plaintext + [UInt8](repeating: 0, count: 16)
    datagram.withMutableRawSpan { span in
      _ = end.lane.transmitter.sessions[0].seal(&span, isData: true, at: now)
    }
    return datagram
  }

  @Test("takes any plaintext of a peer without a trap", arguments: 0..<4)
  func hostileFrames(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var pair = LanePair()
    let kinds: [UInt8] = [0, 0x10, 0x11, 0x12, 0x13, 0x45, 0x4f, 0x60, 0x77]
    for _ in 0..<2_000 {
      var plaintext = (0..<Int(random.next() % 80)).map { _ in
        UInt8(truncatingIfNeeded: random.next())
      }
      if !plaintext.isEmpty { plaintext[0] = kinds[Int(random.next() % 8)] }
      let record = seal(plaintext.first == 0x13 ? [] : plaintext, from: pair.a)
      _ = pair.b.receive([record], from: pair.a.endpoint, at: now)
      // A close among the frames.
      if !pair.b.isOpen { pair = LanePair() }
    }
    let packet = packet6(from: pair.a.address, to: pair.b.address, [1])
    let sent = pair.a.transmit([packet], at: now)
    #expect(pair.b.receive(sent, from: pair.a.endpoint, at: now) == [packet])
  }

  @Test("answers one challenge of a record, and believes no answer it did not ask for")
  func challenges() {
    let pair = LanePair()
    var frames: [UInt8] = []
    for token in 0..<50 as Range<UInt64> { Frame.challenge(token).append(to: &frames) }
    Frame.response(99, observed: pair.a.endpoint).append(to: &frames)
    _ = pair.b.receive([seal(frames, from: pair.a)], from: pair.a.endpoint, at: now)
    #expect(pair.b.out.records.count == 1)
    #expect(!pair.b.out.events.contains { if case .observed = $0 { true } else { false } })
  }

  @Test(
    "answers no record with a longer one: challenges are filled up, and short ones not answered")
  func answersAreNoLonger() {
    let pair = LanePair()
    _ = pair.a.lane.challenge(pair.a.peer, at: now, into: &pair.a.out)
    pair.a.lane.challengeAll(at: now, into: &pair.a.out)
    let asked = pair.a.out.records.map(\.bytes)
    #expect(asked.map(\.count) == [128, 128, 512], "what opened the session is one, too")
    for record in asked {
      _ = pair.b.receive([record], from: pair.b.endpoint, at: now)
      pair.b.lane.advance(to: now, into: &pair.b.out)
      let answers = pair.b.out.records.map(\.bytes.count)
      #expect(!answers.isEmpty && answers.reduce(0, +) <= record.count)
    }
    for count in 9...36 {
      var frames: [UInt8] = []
      Frame.challenge(UInt64(count)).append(to: &frames)
      frames += [UInt8](repeating: 0, count: count - frames.count)
      _ = pair.b.receive([seal(frames, from: pair.a)], from: pair.a.endpoint, at: now)
      let answered = pair.b.out.records.count
      #expect(answered == (count < 36 ? 0 : 1), "\(count) bytes")
    }
  }

  @Test("answers packets for nobody it knows with ICMP, and drops those of other sources")
  func unknown() {
    let pair = LanePair()
    let stranger = LaneEnd(9)
    _ = pair.a.transmit([packet6(from: pair.a.address, to: stranger.address, [1])], at: now)
    #expect(pair.a.out.replies.count == 1 && pair.a.counters.unknownPeer == 1)
    _ = pair.a.transmit([packet6(from: stranger.address, to: pair.b.address, [1])], at: now)
    #expect(pair.a.out.replies.isEmpty && pair.a.counters.unroutable == 1)
  }

  @Test("keeps the last sixteen packets for a session, and sends them in order when it opens")
  func waits() {
    let pair = LanePair(open: false)
    for number in 0..<20 as Range<UInt8> {
      let packet = packet6(from: pair.a.address, to: pair.b.address, [number])
      #expect(pair.a.transmit([packet], at: now).isEmpty)
      #expect(pair.a.out.events == [.wanted(pair.a.peer)])
    }
    #expect(pair.a.counters.queue == 4)
    pair.install(at: now)
    let records = pair.a.out.records.map(\.bytes)
    let delivered = records.flatMap { pair.b.receive([$0], from: pair.a.endpoint, at: now) }
    #expect(delivered.map(\.last) == (4..<20).map { UInt8($0) })
  }

  @Test("sends packets that waited for five seconds, and forgets them then")
  func forgets() {
    for (milliseconds, records) in [(5_000, 2), (5_001, 1)] as [(Int64, Int)] {
      let pair = LanePair(open: false)
      _ = pair.a.transmit([packet6(from: pair.a.address, to: pair.b.address, [1])], at: now)
      pair.install(at: now + .milliseconds(milliseconds))
      #expect(pair.a.out.records.count == records, "the challenge, and what waited")
    }
  }

  @Test("refuses what waits, and what comes, while a peer is unreachable")
  func unreachable() {
    let pair = LanePair(open: false)
    let packet = packet6(from: pair.a.address, to: pair.b.address, [1])
    _ = pair.a.transmit([packet, packet], at: now)
    pair.a.out.removeAll()
    pair.a.lane.setUnreachable(pair.a.peer, true, into: &pair.a.out)
    #expect(pair.a.out.replies.count == 2)
    _ = pair.a.transmit([packet], at: now)
    #expect(pair.a.out.replies.count == 1 && pair.a.out.events == [.wanted(pair.a.peer)])
    pair.a.lane.setUnreachable(pair.a.peer, false, into: &pair.a.out)
    _ = pair.a.transmit([packet], at: now)
    #expect(pair.a.out.replies.isEmpty)
  }

  @Test("keeps the route of an alias that went to another contact meanwhile")
  func aliasMoves() {
    let (a, b, c) = (LaneEnd(1), LaneEnd(2), LaneEnd(3))
    a.know(b, as: PeerIndex(0))
    a.lane.setPeer(
      PeerIndex(1),
      LanePeer(address: c.address, alias: b.alias, wireAlias: c.alias, keepOpen: false))
    a.know(c, as: PeerIndex(0))
    #expect(a.route(b.alias) == PeerIndex(1))
  }

  @Test("wakes for a session it was only given, and lets an unconfirmed second one go on sending")
  func wakes() {
    let pair = LanePair()
    #expect(pair.b.nextDeadline <= LanePair.start + SessionTimes.natKeepalive)
    let (_, two) = LanePair.sessions(pair.a, pair.b, .chaCha20Poly1305, (0x330, 0x440), now)
    pair.b.lane.install(two, of: pair.b.peer, sendOn: false, at: now, into: &pair.b.out)
    #expect(pair.b.sending == SessionID(0x220))
    pair.b.lane.retire(SessionID(0x220), tell: false, at: now, into: &pair.b.out)
    #expect(pair.b.sending == SessionID(0x440))
  }

  @Test("remembers no more than 256 challenges")
  func challengeLimit() {
    let pair = LanePair()
    for _ in 0..<300 { _ = pair.a.lane.challenge(pair.a.peer, at: now, into: &pair.a.out) }
    #expect(pair.a.challengeCount == Transmitter.challengeLimit)
  }
}
