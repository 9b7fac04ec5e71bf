import IPv8Crypto
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, for peers that the user did not add.
@Suite("An introducer's classes of peers")
struct StrangerIntroductionTests {
  private func set(_ kind: PeerClass, _ node: NodeFixture, of other: NodeFixture) {
    node.node.peers[node.index(other)]?.kind = kind
  }

  @Test("have their datagrams relayed as the policy says, and are introduced in any case")
  func relays() {
    let relayed: [(RelayPolicy, PeerClass, Bool)] = [
      (.off, .added, false), (.friends, .added, true), (.friends, .trusted, false),
      (.trusted, .trusted, true), (.trusted, .guest, false), (.trusted, .stranger, false),
    ]
    for (policy, kind, isRelayed) in relayed {
      let trio = Trio()
      trio.m.decide(at: 200) { $0.setRelayPolicy(policy, at: $1, into: &$2) }
      set(kind, trio.m, of: trio.a)
      trio.want(at: 1_000)
      trio.settle(at: 1_000)
      #expect(trio.m.counters.introduced == 1)
      #expect(trio.m.links.isEmpty != isRelayed, "\(policy) \(kind)")
    }
  }

  @Test("strangers have one allowance together")
  func allowance() {
    let trio = Trio(introducerCount: 1)
    let others = (0..<4).map { NodeFixture(50 + $0) }
    for other in others {
      Trio.open(other, trio.m, at: 100)
      set(.stranger, trio.m, of: other)
    }
    trio.m.frames = []
    let destination = OverlayAddress(of: trio.b.identity.permID)
    for number in 0..<UInt64(80) {
      let call = IntroductionCall(
        id: IntroductionID(number), flags: .relay, destination: destination, sealed: [1])
      let from = trio.m.index(others[Int(number % 4)])
      trio.m.decide(at: 1_000) {
        $0.receive(
          ControlFrame(.call, body: call.body), of: from, from: others[0].endpoint, at: $1,
          into: &$2)
      }
    }
    #expect(trio.m.frames.count { $0.frame.kind == .called } == Int(Reach.callBurst))
    #expect(trio.m.counters.introductionQuota == 80 - UInt64(Reach.callBurst))
  }

  @Test("strangers are asked for nobody")
  func asked() {
    let trio = Trio()
    set(.stranger, trio.a, of: trio.m)
    trio.want(at: 1_000)
    #expect(trio.letters().isEmpty)
  }

  @Test("a callee that asks about its caller says nothing, and refuses who is refused")
  func callee() {
    let (m, b) = (NodeFixture(10), NodeFixture(2, inquires: true))
    Trio.open(m, b, at: 0)
    b.frames = []
    let caller = NodeFixture(77)
    func call(_ id: UInt64, at time: Int64) -> [ControlFrame.Kind] {
      let called = IntroductionCalled(
        id: IntroductionID(id), flags: .relay, source: caller.identity.permID, relay: nil,
        sealed: [1])
      b.decide(at: time) { [index = b.index(m)] in
        $0.receive(
          ControlFrame(.called, body: called.body), of: index, from: m.endpoint, at: $1,
          into: &$2)
      }
      defer { b.frames = [] }
      return b.frames.map(\.frame.kind)
    }
    #expect(call(1, at: 100).isEmpty && call(2, at: 600).isEmpty)
    #expect(b.inquired == [caller.identity.permID])
    b.decide(at: 700) { node, now, _ in
      node.refuse(caller.identity.permID, .blocked, at: now)
    }
    #expect(call(3, at: 800) == [.refused])
  }
}
