import IPv8Crypto
import IPv8Records
import IPv8Wire
import Testing

@testable import IPv8Node
@testable import P2TP

/// docs/protocol/binding.md, "Rendezvous".
@Suite("Rendezvous peers")
struct RendezvousTests {
  private func address(_ node: NodeFixture) -> OverlayAddress {
    OverlayAddress(of: node.identity.permID)
  }

  @Test("are up to three peers with open sessions, those with global addresses first")
  func own() throws {
    let node = NodeFixture(1)
    let others = (2..<7).map { NodeFixture($0) }
    for other in others.dropLast() {
      if other !== others[0] { other.setLocal(other.endpoint, at: 0) }
      Trio.open(other, node, at: 0)
    }
    node.setLocal(node.endpoint, at: 10)
    #expect(node.binding?.record.rendezvous == [])
    _ = node.advance(to: 20_000)
    let named = try #require(node.binding?.record.rendezvous)
    #expect(Set(named) == Set(others[1..<4].map(address)))
    // Another peer changes nothing; one that is gone is replaced, once in a while.
    Trio.open(others[4], node, at: 20_100)
    _ = node.advance(to: 40_000)
    #expect(node.binding?.record.rendezvous == named)
    end(node, others[2], at: 41_000)
    _ = node.advance(to: 42_999)
    #expect(node.binding?.record.rendezvous == named)
    _ = node.advance(to: 43_000)
    let after = try #require(node.binding?.record.rendezvous)
    #expect(after.count == 3 && !after.contains(address(others[2])))
    // With nobody left the last names are the best there are.
    for other in [others[0], others[1], others[3], others[4]] { end(node, other, at: 50_000) }
    _ = node.advance(to: 90_000)
    #expect(node.binding?.record.rendezvous == after)
  }

  private func end(_ node: NodeFixture, _ other: NodeFixture, at time: Int64) {
    let index = node.index(other)
    for id in node.node.peers[index]?.association.localIDs ?? [] {
      node.decide(at: time) { $0.handle(.ended(id), of: index, at: $1, into: &$2) }
    }
  }

  /// `a` wants a peer that has no address and names `names`.
  private func want(_ a: NodeFixture, _ names: [OverlayAddress], at time: Int64) -> [[UInt8]] {
    let hidden = NodeFixture(99)
    return a.decide(at: time) { node, now, actions in
      let contact = Contact(permID: hidden.identity.permID, rendezvous: names)
      let index = node.setContact(contact, at: now, into: &actions)
      node.handle(.wanted, of: index ?? PeerIndex(-1), at: now, into: &actions)
    }
  }

  @Test("are called where they are known, and sought where not, at most every two seconds")
  func calls() {
    let a = NodeFixture(1, inquires: true)
    let (known, unknown) = (NodeFixture(2), NodeFixture(3))
    a.add(known)
    #expect(want(a, [address(known), address(unknown)], at: 0).count == 1)
    #expect(a.state(of: known) == .opening && a.sought == [address(unknown)])
    _ = want(a, [address(known), address(unknown)], at: 1_000)
    #expect(a.sought.count == 1)
    _ = want(a, [address(known), address(unknown)], at: 2_000)
    #expect(a.sought.count == 2)
    #expect(a.reachable.isEmpty, "packets wait meanwhile")
  }

  @Test("are asked for an introduction once a session with them is open")
  func introduces() {
    let a = NodeFixture(1, inquires: true)
    let m = NodeFixture(2)
    m.add(a)
    _ = a.add(m)
    let call = want(a, [address(m)], at: 0).first ?? []
    let answer = m.receive(call, from: a.endpoint, at: 20).first ?? []
    a.frames = []
    _ = a.receive(answer, from: m.endpoint, at: 40)
    #expect(a.frames.map(\.frame.kind) == [.call] && a.frames.first?.to == a.index(m))
  }

  @Test("that name each other in a ring are called once each")
  func ring() {
    let a = NodeFixture(1, inquires: true)
    let others = (2..<5).map { NodeFixture($0) }
    let inside = Endpoint(.v4(IPv4Address(0x0a00_0009)), port: 9)
    let sent = a.decide(at: 0) { node, now, actions in
      for (place, other) in others.enumerated() {
        let next = others[(place + 1) % others.count]
        let contact = Contact(
          permID: other.identity.permID, told: [inside], rendezvous: [address(next)])
        _ = node.setContact(contact, at: now, into: &actions)
      }
      let first = node.index(of: others[0].identity.permID) ?? PeerIndex(-1)
      node.handle(.wanted, of: first, at: now, into: &actions)
    }
    #expect(sent.count == 2)
  }
}
