import IPv8Crypto
import IPv8Simulator
import IPv8Wire
import P2TP
import Testing

@testable import IPv8DataPlane

/// docs/protocol/admission.md, "Unknown addresses".
@Suite("A packet to an overlay address of nobody we know")
struct UnknownDestinationTests {
  private static let start = LanePair.start

  private static func address(_ number: Int) -> OverlayAddress {
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128(number))) else {
      preconditionFailure("an overlay address")
    }
    return address
  }

  private func end(asks: Bool = true) -> LaneEnd {
    let end = LaneEnd(1)
    let seed = [UInt8](repeating: 1, count: 32)
    end.lane = Lane(
      address: end.address, alias: end.alias, wireAlias: end.alias,
      entropy: Entropy(seed: SecretBytes(copying: seed.rawSpan)), asksForUnknown: asks)
    return end
  }

  private func send(_ payload: UInt8, from end: LaneEnd, to number: Int, at time: Interval) {
    _ = end.transmit(
      [packet6(from: end.address, to: Self.address(number), [payload])], at: Self.start + time)
  }

  @Test("is asked about once and waits; it leaves first when the peer is known and open")
  func waits() throws {
    let (a, b) = (end(), LaneEnd(2))
    for payload in 1...5 as ClosedRange<UInt8> {
      send(payload, from: a, to: 2, at: .milliseconds(Int64(payload) * 10))
      #expect(a.out.events == (payload == 1 ? [.unknown(b.address)] : []))
      #expect(a.out.replies.isEmpty)
    }
    #expect(a.counters.queue == 1, "the fifth has no room")
    let peer = LanePeer(address: b.address, alias: nil, wireAlias: b.alias, keepOpen: false)
    a.out.removeAll()
    a.lane.setPeer(a.peer, peer, at: Self.start + .seconds(1), into: &a.out)
    #expect(a.out.events == [.wanted(a.peer)] && a.out.datagrams.isEmpty)
    b.know(a)
    let (one, two) = LanePair.sessions(a, b, .chaCha20Poly1305, (0x110, 0x220), Self.start)
    b.lane.install(two, of: b.peer, sendOn: true, at: Self.start, into: &b.out)
    a.out.removeAll()
    a.lane.install(
      one, of: a.peer, sendOn: true, at: Self.start + .seconds(2), into: &a.out)
    let sent = a.out.records.map(\.bytes)
    let payloads = sent.flatMap {
      b.receive([$0], from: a.endpoint, at: Self.start + .seconds(2)).compactMap(\.last)
    }
    #expect(payloads == [1, 2, 3, 4])
  }

  @Test("is answered with ICMP unreachable after three seconds, those that follow at once")
  func patience() {
    let a = end()
    send(1, from: a, to: 2, at: .zero)
    #expect(a.nextDeadline == Self.start + .seconds(3))
    a.out.removeAll()
    a.lane.advance(to: Self.start + .milliseconds(2_999), into: &a.out)
    #expect(a.out.replies.isEmpty)
    a.lane.advance(to: Self.start + .seconds(3), into: &a.out)
    #expect(a.out.replies.count == 1 && a.out.replies.first?[40] == 1)
    #expect(a.counters.unknownPeer == 1)
    send(2, from: a, to: 2, at: .milliseconds(3_900))
    #expect(a.out.replies.count == 1 && a.out.events.isEmpty)
    a.lane.advance(to: Self.start + .seconds(4), into: &a.out)
    send(3, from: a, to: 2, at: .seconds(4))
    #expect(a.out.events == [.unknown(Self.address(2))])
  }

  @Test("is answered as soon as it is said that nobody knows, and not a second time")
  func refused() {
    let a = end()
    send(1, from: a, to: 2, at: .zero)
    send(2, from: a, to: 2, at: .zero)
    a.out.removeAll()
    for _ in 0..<2 {
      a.lane.refuseUnknown(Self.address(2), at: Self.start + .milliseconds(50), into: &a.out)
    }
    a.lane.refuseUnknown(Self.address(3), at: Self.start + .milliseconds(50), into: &a.out)
    a.lane.advance(to: Self.start + .seconds(20), into: &a.out)
    #expect(a.out.replies.count == 2)
    #expect(a.nextDeadline == .distantFuture)
  }

  @Test("is refused at once beyond so many addresses, so many questions a second, so many bytes")
  func bounds() {
    let a = end()
    var events = 0
    for number in 2..<1_000 {
      send(1, from: a, to: number, at: .zero)
      events += a.out.events.count
      #expect(a.out.replies.count == (a.out.events.isEmpty ? 1 : 0))
    }
    #expect(events == UnknownDestinations.limit)
    // Refusals keep their places for a while; then as many questions as the rate allows.
    for second in 1...20 as ClosedRange<Int64> {
      a.lane.advance(to: Self.start + .seconds(second), into: &a.out)
      for number in 0..<200 {
        send(1, from: a, to: Int(second) * 1_000 + number, at: .seconds(second))
        events += a.out.events.count
      }
    }
    #expect(events <= UnknownDestinations.limit * 8)
    var unknown = UnknownDestinations()
    let large = [UInt8](repeating: 0, count: 60_000)
    let outcomes = (0..<4).map { _ in
      unknown.add(large.rawSpan, to: Self.address(2), at: Self.start)
    }
    #expect(outcomes == [.asked, .waiting, .full, .full])
  }

  @Test("is refused at once where nobody can be asked")
  func nobodyAsked() {
    let a = end(asks: false)
    send(1, from: a, to: 2, at: .zero)
    #expect(a.out.replies.count == 1 && a.out.events.isEmpty && a.counters.unknownPeer == 1)
  }

  @Test("that is a stranger's is nobody's, and nothing of a stranger's passes")
  func stranger() {
    let pair = LanePair()
    func know(isStranger: Bool) {
      let peer = LanePeer(
        address: pair.b.address, alias: pair.b.alias, wireAlias: pair.b.alias, keepOpen: false,
        isStranger: isStranger)
      pair.a.lane.setPeer(pair.a.peer, peer)
    }
    let out = packet6(from: pair.a.address, to: pair.b.address, [1])
    let back = packet6(from: pair.b.address, to: pair.a.address, [2])
    for isStranger in [true, false, true] {
      know(isStranger: isStranger)
      #expect(pair.a.transmit([out], at: LanePair.start).count == (isStranger ? 0 : 1))
      #expect(pair.a.out.replies.count == (isStranger ? 1 : 0))
      let sealed = pair.b.transmit([back], at: LanePair.start)
      let heard = pair.a.receive(sealed, from: pair.b.endpoint, at: LanePair.start)
      #expect(heard.count == (isStranger ? 0 : 1))
    }
    #expect(pair.a.counters.stranger == 2 && pair.a.counters.filtered == 0)
  }
}
