import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/lan.md, "What follows"
@Suite("Contacts found nearby")
struct NearbyTests {
  private static let near = Endpoint(.v4(IPv4Address(0xc0a8_0107)), port: 7)

  @Test("a contact of whom nothing but the PermID is known is called where it was found, at once")
  func call() {
    let (a, b) = (NodeFixture(1), NodeFixture(2))
    a.add(b, told: [])
    #expect(a.call(b, at: 0).isEmpty)
    let sent = a.discover(b, at: Self.near, time: 10)
    #expect(sent.map(\.endpoint) == [Self.near])
    #expect(a.state(of: b) == .opening)
  }

  @Test("a call that is under way goes there, too, without waiting for its next round")
  func widening() {
    let (a, b) = NodeFixture.pair()
    #expect(a.call(b, at: 0).count == 1)
    #expect(a.discover(b, at: Self.near, time: 10).map(\.endpoint) == [Self.near])
    // Twice within 20 ms is once.
    #expect(a.discover(b, at: Self.near, time: 20).isEmpty)
  }

  @Test("of many places at which a contact is announced four are remembered")
  func limit() {
    let (a, b) = (NodeFixture(1), NodeFixture(2))
    a.add(b, told: [])
    for number in 0..<50 as Range<UInt32> {
      let place = Endpoint(.v4(IPv4Address(0xc0a8_0100 + number)), port: 7)
      _ = a.discover(b, at: place, time: Int64(number))
    }
    #expect(a.nearby(b).count == 4)
    a.node.forgetNearby()
    #expect(a.nearby(b).isEmpty)
  }

  @Test("what peers in our own networks see us at does not get into our record")
  func binding() throws {
    let (a, b) = (NodeFixture(1), NodeFixture(2))
    a.add(b, told: [])
    a.setLocal(nil, at: 0)
    let first = a.discover(b, at: Self.near, time: 10)
    b.add(a, told: [])
    let hello = try #require(first.first?.bytes)
    for answer in b.receive(hello, from: a.endpoint, at: 11) {
      _ = a.receive(answer, from: Self.near, at: 12)
    }
    #expect(a.state(of: b) == .open)
    a.observe(Endpoint(.v4(IPv4Address(0xc0a8_0101)), port: 9), by: b, at: 20)
    #expect(a.binding?.endpoints.isEmpty == true)
    let elsewhere = NodeFixture(3)
    a.add(elsewhere)
    let seen = Endpoint(.v4(IPv4Address(0x0808_0808)), port: 9)
    a.observe(seen, by: elsewhere, at: 30)
    #expect(a.binding?.endpoints == [seen])
  }
}

extension NodeFixture {
  fileprivate func add(_ other: NodeFixture, told: [Endpoint]) {
    var actions: [NodeAction] = []
    _ = node.setContact(
      Contact(permID: other.identity.permID, told: told), at: Self.moment(0), into: &actions)
  }

  fileprivate func discover(
    _ other: NodeFixture, at endpoint: Endpoint, time: Int64
  ) -> [(bytes: [UInt8], endpoint: Endpoint)] {
    var actions: [NodeAction] = []
    node.discovered(index(other), at: endpoint, now: Self.moment(time), into: &actions)
    return actions.compactMap {
      if case .send(let bytes, let endpoint) = $0 { (bytes, endpoint) } else { nil }
    }
  }

  fileprivate func nearby(_ other: NodeFixture) -> [Endpoint] {
    node.peers[index(other)]?.nearby ?? []
  }
}
