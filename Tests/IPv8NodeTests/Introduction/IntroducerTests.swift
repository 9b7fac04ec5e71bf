import IPv8Crypto
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Exchange" and "Relays".
@Suite("An introducer")
struct IntroducerTests {
  private func call(
    to destination: NodeFixture, id: UInt64, flags: IntroductionFlags = .relay
  ) -> ControlFrame {
    let call = IntroductionCall(
      id: IntroductionID(id), flags: flags,
      destination: OverlayAddress(of: destination.identity.permID), sealed: [1, 2, 3])
    return ControlFrame(.call, body: call.body)
  }

  private func give(
    _ frame: ControlFrame, to m: NodeFixture, from node: NodeFixture, at time: Int64
  ) {
    let index = m.index(node)
    m.decide(at: time) {
      $0.receive(frame, of: index, from: node.endpoint, at: $1, into: &$2)
    }
  }

  private func refusal(_ node: NodeFixture) -> IntroductionRefused.Reason? {
    guard let frame = node.frames.last?.frame, frame.kind == .refused else { return nil }
    return IntroductionRefused(frame.body.rawSpan)?.reason
  }

  @Test("hands each side's words to the other, and relays once both agreed")
  func introduces() throws {
    let trio = Trio()
    trio.want(at: 1_000)
    let letters = trio.settle(at: 1_000)
    #expect(letters.map(\.frame.kind) == [.call, .called, .call, .called])
    #expect(trio.m.counters.introduced == 1)
    let tags = try [trio.a, trio.b].map { side in
      try #require(trio.reach(side, to: side === trio.a ? trio.b : trio.a)?.relays.first?.tag)
    }
    let there = RelayLink.Key(source: trio.a.endpoint, tag: tags[0])
    let back = RelayLink.Key(source: trio.b.endpoint, tag: tags[1])
    let rate = RelayPairs.bytesPerSecond
    #expect(
      trio.m.links == [
        there: .onward(trio.b.endpoint, tag: tags[1], bytesPerSecond: rate),
        back: .onward(trio.a.endpoint, tag: tags[0], bytesPerSecond: rate),
      ])
    for (side, tag) in zip([trio.a, trio.b], tags) {
      let key = RelayLink.Key(source: trio.m.endpoint, tag: tag)
      #expect(side.links == [key: .here(side.index(trio.m))])
    }
  }

  @Test("relays nothing before the callee agreed")
  func waitsForBoth() {
    let trio = Trio()
    trio.want(at: 1_000)
    for letter in trio.letters() { trio.deliver(letter, at: 1_000) }
    #expect(trio.m.frames.count == 1 && trio.m.links.isEmpty)
  }

  @Test("introduces without a relay where its policy is off, and ends relays when it becomes so")
  func policy() {
    let trio = Trio()
    trio.want(at: 1_000)
    trio.settle(at: 1_000)
    #expect(trio.m.links.count == 2)
    trio.m.decide(at: 2_000) { $0.setRelayPolicy(.off, at: $1, into: &$2) }
    #expect(trio.m.links.isEmpty)
    #expect(trio.settle(at: 2_000).map(\.frame.kind).prefix(2) == [.release, .release])
    #expect(trio.a.links.isEmpty && trio.b.links.isEmpty)
    let off = Trio()
    off.m.decide(at: 0) { $0.setRelayPolicy(.off, at: $1, into: &$2) }
    off.want(at: 1_000)
    off.settle(at: 1_000)
    #expect(off.m.counters.introduced == 1 && off.m.links.isEmpty && off.a.links.isEmpty)
    #expect(off.reach(off.a, to: off.b)?.introducers == [off.a.index(off.m)])
  }

  @Test("refuses for who is no contact, has no session, or asks for itself")
  func refuses() {
    let trio = Trio()
    let stranger = NodeFixture(99)
    give(call(to: stranger, id: 1), to: trio.m, from: trio.a, at: 1_000)
    #expect(refusal(trio.m) == .unknown)
    trio.m.frames = []
    give(call(to: trio.a, id: 2), to: trio.m, from: trio.a, at: 1_000)
    #expect(refusal(trio.m) == .unknown)
    trio.end(trio.m, trio.b, at: 1_500)
    trio.m.frames = []
    give(call(to: trio.b, id: 3), to: trio.m, from: trio.a, at: 2_000)
    #expect(refusal(trio.m) == .unknown && trio.m.frames.count == 1)
  }

  @Test("grants a caller thirty calls at once and then six a minute, whatever it does")
  func quota() {
    let trio = Trio()
    var handedOn = 0
    for number in 0..<UInt64(3_000) {
      trio.m.frames = []
      // The callee refuses, so that nothing waits.
      let time = Int64(number) * 100
      give(call(to: trio.b, id: number), to: trio.m, from: trio.a, at: time)
      guard trio.m.frames.first?.frame.kind == .called else {
        #expect(refusal(trio.m) == .busy)
        continue
      }
      handedOn += 1
      let no = IntroductionRefused(id: IntroductionID(number), reason: .unknown)
      give(ControlFrame(.refused, body: no.body), to: trio.m, from: trio.b, at: time)
    }
    #expect((59...60).contains(handedOn), "in five minutes: \(handedOn)")
    #expect(trio.m.counters.introductionQuota == UInt64(3_000 - handedOn))
  }

  @Test("passes an answer on once, to whom it answers, from whom it was asked, and in time")
  func answers() {
    let trio = Trio()
    func isPassedOn() -> Bool { trio.m.frames.contains { $0.frame.kind == .called } }
    let answer: IntroductionFlags = [.relay, .answer]
    // Nobody asked.
    trio.m.frames = []
    give(call(to: trio.a, id: 1, flags: answer), to: trio.m, from: trio.b, at: 1_000)
    #expect(!isPassedOn())
    give(call(to: trio.b, id: 1), to: trio.m, from: trio.a, at: 1_000)
    trio.m.frames = []
    // The caller answers itself.
    give(call(to: trio.b, id: 1, flags: answer), to: trio.m, from: trio.a, at: 1_100)
    #expect(!isPassedOn())
    give(call(to: trio.a, id: 1, flags: answer), to: trio.m, from: trio.b, at: 1_200)
    #expect(isPassedOn())
    trio.m.frames = []
    give(call(to: trio.a, id: 1, flags: answer), to: trio.m, from: trio.b, at: 1_300)
    #expect(!isPassedOn())
    give(call(to: trio.b, id: 2), to: trio.m, from: trio.a, at: 2_000)
    trio.m.frames = []
    give(call(to: trio.a, id: 2, flags: answer), to: trio.m, from: trio.b, at: 7_001)
    #expect(!isPassedOn() && trio.m.counters.badIntroduction == 4)
  }

  @Test("ends a pair with either end's session, and tells the other")
  func endsWithSession() {
    let trio = Trio()
    trio.want(at: 1_000)
    trio.settle(at: 1_000)
    trio.end(trio.m, trio.a, at: 2_000)
    #expect(trio.m.links.isEmpty)
    let letters = trio.letters()
    #expect(letters.map(\.frame.kind) == [.release] && letters.first?.recipient === trio.b)
    for letter in letters { trio.deliver(letter, at: 2_000) }
    #expect(trio.b.links.isEmpty)
  }

  @Test("follows an end that moved, and no longer takes what comes from where it was")
  func follows() throws {
    let trio = Trio()
    trio.want(at: 1_000)
    trio.settle(at: 1_000)
    let elsewhere = NodeFixture.endpoint(77)
    let tag = try #require(trio.reach(trio.a, to: trio.b)?.relays.first?.tag)
    let index = trio.m.index(trio.a)
    trio.m.decide(at: 2_000) { $0.handle(.moved(elsewhere), of: index, at: $1, into: &$2) }
    #expect(trio.m.links[RelayLink.Key(source: elsewhere, tag: tag)] != nil)
    #expect(trio.m.links[RelayLink.Key(source: trio.a.endpoint, tag: tag)] == nil)
    #expect(trio.m.links.count == 2)
    #expect(
      trio.m.links.values.contains {
        if case .onward(elsewhere, tag, _) = $0 { true } else { false }
      })
  }

  @Test("forgets a pair that nobody asked for in its lifetime")
  func expires() {
    let trio = Trio()
    trio.want(at: 1_000)
    trio.settle(at: 1_000)
    let end = 1_000 + RelayPairs.lifetime.milliseconds
    _ = trio.m.advance(to: end - 1)
    #expect(trio.m.links.count == 2)
    _ = trio.m.advance(to: end)
    #expect(trio.m.links.isEmpty && trio.m.node.relayPairs.count == 0)
  }

  @Test("skips what is no frame of an introduction, whatever it holds")
  func garbage() {
    let trio = Trio()
    var random = SeededRandom(seed: 5)
    for round in 0..<2_000 {
      let kind = ControlFrame.Kind(rawValue: UInt8(0x20 + random.next() % 8))
      let body = (0..<Int(random.next() % 90)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      give(ControlFrame(kind, body: body), to: trio.m, from: trio.a, at: Int64(round))
    }
    #expect(trio.m.links.isEmpty && trio.m.node.pendingIntroductions.count == 0)
    #expect(trio.m.frames.allSatisfy { $0.frame.kind == .refused })
  }
}
