import IPv8Records
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Moving" and "Upgrades".
@Suite("A node whose network changes")
struct MobilityTests {
  private func bindings(_ node: NodeFixture) -> [SignedBinding] {
    defer { node.frames = [] }
    return node.frames.filter { $0.frame.kind == .binding }.compactMap {
      try? SignedBinding(verifying: $0.frame.body, at: NodeFixture.moment(0).wall)
    }
  }

  @Test("sends its new binding to every open peer at once, and no more often than once a second")
  func pushes() {
    let trio = Trio(introducerCount: 2)
    _ = trio.a.advance(to: 5_000)
    trio.a.frames = []
    trio.a.setLocal(NodeFixture.endpoint(40), at: 6_000)
    let first = bindings(trio.a)
    #expect(first.count == 2)
    #expect(first.allSatisfy { $0.record.endpoint4 == NodeFixture.endpoint(40) })
    for number in 0..<UInt32(20) {
      let time = 6_010 + Int64(number) * 10
      trio.m.observe(NodeFixture.endpoint(50 + number), by: trio.a, at: time)
      _ = trio.m.advance(to: time)
    }
    #expect(bindings(trio.m).count <= 2)
  }

  @Test("asks each open peer for an answer, and its introducers for who gives none in time")
  func checks() {
    let trio = Trio()
    Trio.open(trio.a, trio.b, at: 500)
    for node in trio.all {
      node.frames = []
      node.probes = []
    }
    trio.a.setLocal(NodeFixture.endpoint(40), at: 6_000)
    #expect(Set(trio.a.probes.map(\.of)) == [trio.a.index(trio.b), trio.a.index(trio.m)])
    let m = trio.a.index(trio.m)
    let there = trio.m.endpoint
    trio.a.decide(at: 6_050) {
      $0.handle(.proved(there, .milliseconds(50)), of: m, at: $1, into: &$2)
    }
    _ = trio.a.advance(to: 6_650)
    #expect(!trio.a.frames.contains { $0.frame.kind == .call })
    _ = trio.a.advance(to: 6_700)
    #expect(trio.a.frames.filter { $0.frame.kind == .call }.map(\.to) == [m])
    #expect(trio.reach(trio.a, to: trio.b)?.isLost == true)
    #expect(trio.reach(trio.a, to: trio.m)?.isLost == false)
  }

  @Test("takes a deadline missed by far for a sleep, and one missed by little for nothing")
  func sleeps() {
    for (late, isSleep) in [(9_000, false), (11_000, true)] as [(Int64, Bool)] {
      let trio = Trio()
      _ = trio.a.advance(to: 900)
      trio.a.setLocal(NodeFixture.endpoint(40), at: 1_000)
      // The check of the change above is due at 1,700 ms.
      trio.a.probes = []
      _ = trio.a.advance(to: 1_700 + late)
      #expect(trio.a.probes.isEmpty != isSleep, "\(late) ms late")
    }
  }

  @Test("calls those anew whose sessions end as it wakes, and nobody whose session ends otherwise")
  func reopens() {
    let cases: [(advanced: Int64?, ended: Int64, PeerState)] = [
      (nil, 40_000, .idle), (nil, 600_000, .opening), (600_000, 602_000, .opening),
      (600_000, 604_000, .idle),
    ]
    for (advanced, ended, state) in cases {
      let trio = Trio()
      Trio.open(trio.a, trio.b, at: 500)
      for second in 1...35 as ClosedRange<Int64> { _ = trio.a.advance(to: second * 1_000) }
      if let advanced { _ = trio.a.advance(to: advanced) }
      trio.end(trio.a, trio.b, at: ended)
      #expect(trio.a.state(of: trio.b) == state, "\(ended)")
    }
  }

  @Test(
    "makes a relayed peer try for a direct path soon after it told of its change, itself or by others",
    arguments: [true, false])
  func upgrades(itself: Bool) {
    let trio = Trio()
    Trio.open(trio.a, trio.b, at: 500)
    let by = Endpoint(.relay(trio.a.index(trio.m), tag: .one))
    let b = trio.a.index(trio.b)
    trio.a.decide(at: 600) { $0.handle(.moved(by), of: b, at: $1, into: &$2) }
    // The attempt for the sake of the path that was lost is over.
    _ = trio.a.advance(to: 1_100)
    trio.a.frames = []
    let record = BindingRecord(
      permID: trio.b.identity.permID, endpoint4: NodeFixture.endpoint(44),
      timestamp: NodeFixture.moment(2_000).wall)
    let binding = SignedBinding(signing: record, with: trio.b.identity)
    trio.a.decide(at: 2_000) {
      if itself {
        let frame = ControlFrame(.binding, body: binding.bytes)
        $0.receive(frame, of: b, from: by, at: $1, into: &$2)
      } else {
        $0.learn(binding, at: $1, into: &$2)
      }
    }
    #expect(trio.a.frames.isEmpty)
    _ = trio.a.advance(to: 2_500)
    #expect(trio.a.frames.map(\.frame.kind) == [.call])
  }

  @Test("tries for a direct path soon after one was lost to a relay")
  func regains() {
    let trio = Trio()
    Trio.open(trio.a, trio.b, at: 500)
    let by = Endpoint(.relay(trio.a.index(trio.m), tag: .one))
    let b = trio.a.index(trio.b)
    trio.a.frames = []
    trio.a.decide(at: 600) { $0.handle(.moved(by), of: b, at: $1, into: &$2) }
    _ = trio.a.advance(to: 1_099)
    #expect(trio.a.frames.isEmpty)
    _ = trio.a.advance(to: 1_100)
    #expect(trio.a.frames.map(\.frame.kind) == [.call])
  }

  @Test("is looked at once in a second, and eight times at once, whatever is sent")
  func flood() {
    let (a, b) = NodeFixture.pair()
    let index = a.index(b)
    func send(_ count: Int, at time: Int64) {
      var forged = SignedBinding(
        signing: BindingRecord(
          permID: b.identity.permID, endpoint4: NodeFixture.endpoint(44),
          timestamp: NodeFixture.moment(time).wall), with: b.identity
      ).bytes
      forged[forged.count - 1] ^= 1
      for _ in 0..<count {
        a.decide(at: time) {
          let frame = ControlFrame(.binding, body: forged)
          $0.receive(frame, of: index, from: b.endpoint, at: $1, into: &$2)
        }
      }
    }
    send(1_000, at: 10_000)
    #expect(a.counters.badRecord == NodePeer.bindingBurst && a.counters.recordRate == 992)
    send(10, at: 11_000)
    #expect(a.counters.badRecord == NodePeer.bindingBurst + 1)
  }
}
