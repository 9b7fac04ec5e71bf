import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Exchange" and "Introduction": the callee, and who lies to it.
@Suite("A callee")
struct CalleeTests {
  private let place = Endpoint(.v4(IPv4Address(0xcb00_7109)), port: 9)

  /// A CALLED as an introducer hands it on, with what `caller` says.
  private func called(
    _ trio: Trio, by caller: NodeFixture, as source: NodeFixture? = nil, id: UInt64,
    at time: Int64, places: [Endpoint] = [], flags: IntroductionFlags = .relay
  ) -> ControlFrame? {
    let introduction = Introduction(
      id: IntroductionID(id), sender: caller.identity.permID,
      time: NodeFixture.moment(time).wall, delay: 40,
      places: places.map { Introduction.Place(kind: 3, endpoint: $0) })
    let sealed = SignedIntroduction.seal(
      introduction, for: trio.b.identity.permID, signedBy: caller.identity,
      ephemeral: AgreementKey(secret: caller.node.host.entropy.secret(32)))
    return sealed.map {
      let called = IntroductionCalled(
        id: IntroductionID(id), flags: flags,
        source: (source ?? caller).identity.permID, relay: nil, sealed: $0)
      return ControlFrame(.called, body: called.body)
    }
  }

  private func give(_ frame: ControlFrame?, to trio: Trio, at time: Int64) {
    guard let frame else { return }
    let index = trio.b.index(trio.m)
    trio.b.decide(at: time) {
      $0.receive(frame, of: index, from: trio.m.endpoint, at: $1, into: &$2)
    }
  }

  private func kinds(_ node: NodeFixture) -> [ControlFrame.Kind] {
    defer { node.frames = [] }
    return node.frames.map(\.frame.kind)
  }

  @Test("answers a contact once, and an introduction that comes again with silence")
  func replay() {
    let trio = Trio()
    let frame = called(trio, by: trio.a, id: 1, at: 1_000)
    give(frame, to: trio, at: 1_000)
    #expect(kinds(trio.b) == [.call])
    for time in stride(from: Int64(1_100), to: 200_000, by: 7_000) {
      give(frame, to: trio, at: time)
    }
    #expect(kinds(trio.b).isEmpty)
  }

  @Test("does not answer what is stale by its clock, and older than what it remembers")
  func stale() {
    let trio = Trio()
    give(called(trio, by: trio.a, id: 1, at: 1_000), to: trio, at: 121_001)
    give(called(trio, by: trio.a, id: 2, at: 200_000), to: trio, at: 79_000)
    #expect(kinds(trio.b).isEmpty)
    for number in 0..<UInt64(IntroductionHistory.limit) {
      let time = 200_000 + Int64(number)
      give(called(trio, by: trio.a, id: 10 + number, at: time), to: trio, at: time)
    }
    #expect(kinds(trio.b).count == IntroductionHistory.limit)
    give(called(trio, by: trio.a, id: 99, at: 199_999), to: trio, at: 200_050)
    #expect(kinds(trio.b).isEmpty)
  }

  @Test("refuses strangers, and believes no introducer about who calls")
  func strangers() {
    let trio = Trio()
    let stranger = NodeFixture(77)
    give(called(trio, by: stranger, id: 1, at: 1_000), to: trio, at: 1_000)
    #expect(kinds(trio.b) == [.refused])
    give(called(trio, by: stranger, as: trio.a, id: 2, at: 1_000), to: trio, at: 1_000)
    #expect(kinds(trio.b).isEmpty && trio.b.counters.badIntroduction == 1)
    // An introducer that speaks for itself is no introducer.
    give(called(trio, by: trio.m, id: 3, at: 1_000), to: trio, at: 1_000)
    #expect(kinds(trio.b) == [.refused])
  }

  @Test("knocks where the caller says, bare, and at no address more than twenty times")
  func knocks() {
    let trio = Trio()
    let ports = (1...16).map { Endpoint(place.address, port: UInt16($0)) }
    give(called(trio, by: trio.a, id: 1, at: 1_000, places: ports), to: trio, at: 1_000)
    var sent: [[UInt8]] = []
    for time in stride(from: Int64(1_000), to: 10_000, by: 5) { sent += trio.b.advance(to: time) }
    #expect(sent.count == PunchSchedule.addressLimit)
    #expect(sent.allSatisfy { $0.count == P2TPHeader.byteCount })
  }

  @Test("lets no friend make it knock more than its allowance, and goes on answering")
  func flood() {
    let trio = Trio()
    var answers = 0
    var knocks = 0
    for number in 0..<UInt64(600) {
      let time = 1_000 + Int64(number) * 100
      give(
        called(trio, by: trio.a, id: number + 1, at: time, places: [place]), to: trio, at: time)
      answers += kinds(trio.b).count
      knocks += trio.b.advance(to: time).count
    }
    #expect(answers == 600)
    // In a minute: six attempts and one in ten seconds, three bare knocks each.
    #expect(knocks > 0 && knocks <= (6 + 6) * 3)
  }

  @Test("knocks at no address that cannot be a peer's")
  func unusable() {
    let trio = Trio()
    let bad = ["127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "ff02::1", "fde8::1"]
      .compactMap { IPAddress(text: $0) }.map { Endpoint($0, port: 5) }
    let carrier = Endpoint(.socket(3))
    give(
      called(
        trio, by: trio.a, id: 1, at: 1_000,
        places: bad + [carrier, Endpoint(place.address, port: 0)]), to: trio, at: 1_000)
    #expect(bad.count == 7)
    var sent: [[UInt8]] = []
    for time in stride(from: Int64(1_000), to: 10_000, by: 5) { sent += trio.b.advance(to: time) }
    #expect(sent.isEmpty)
  }

  @Test(
    "answers a bare knock from an address of the caller's, whatever its port, and from no other")
  func expectsKnocks() {
    let trio = Trio()
    give(called(trio, by: trio.a, id: 1, at: 1_000, places: [place]), to: trio, at: 1_000)
    let knock = P2TPHeader(sop: false, first: 5, second: 0).bytes
    let other = Endpoint(place.address, port: 4_444)
    #expect(trio.b.receive(knock, from: other, at: 1_100).map(\.count) == [8])
    #expect(trio.b.receive(knock, from: NodeFixture.endpoint(60), at: 1_100).isEmpty)
    for time in stride(from: Int64(1_100), to: 20_000, by: 5) { _ = trio.b.advance(to: time) }
    #expect(trio.b.receive(knock, from: other, at: 20_000).isEmpty)
  }

  @Test("probes over an open session where a knock of its own was answered, and nowhere else")
  func probes() throws {
    let trio = Trio()
    Trio.open(trio.a, trio.b, at: 500)
    trio.b.decide(at: 600) { [index = trio.b.index(trio.a)] in
      let by = Endpoint(.relay(PeerIndex(0), tag: .one))
      $0.handle(.moved(by), of: index, at: $1, into: &$2)
    }
    trio.b.probes = []
    give(called(trio, by: trio.a, id: 1, at: 1_000, places: [place]), to: trio, at: 1_000)
    var sent: [[UInt8]] = []
    for time in stride(from: Int64(1_000), to: 1_500, by: 5) { sent += trio.b.advance(to: time) }
    let knock = try #require(sent.first)
    let forward = knock.rawSpan.bigEndian(UInt32.self, at: 0)
    let answer = P2TPHeader(sop: false, clr: true, yts: true, first: 7, second: forward).bytes
    _ = trio.b.receive(answer, from: NodeFixture.endpoint(60), at: 1_500)
    #expect(trio.b.probes.isEmpty)
    _ = trio.b.receive(answer, from: place, at: 1_500)
    #expect(trio.b.probes.map(\.at) == [place])
  }
}
