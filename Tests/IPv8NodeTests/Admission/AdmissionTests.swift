import IPv8Crypto
import IPv8Wire
import Testing

@testable import IPv8Node
@testable import P2TP

/// docs/protocol/admission.md.
@Suite("A peer that the user did not add")
struct AdmissionTests {
  /// `a` has added `b`; the other way round `b` knows nothing.
  private func strangers() -> (NodeFixture, NodeFixture) {
    let (a, b) = (NodeFixture(1), NodeFixture(2, inquires: true))
    a.add(b)
    return (a, b)
  }

  private func admit(
    _ other: NodeFixture, by node: NodeFixture, as kind: PeerClass, at time: Int64
  ) -> PeerIndex? {
    var index: PeerIndex?
    node.decide(at: time) { node, now, actions in
      index = node.admit(
        Contact(permID: other.identity.permID), as: kind, at: now, into: &actions)
    }
    return index
  }

  private func open(_ a: NodeFixture, _ b: NodeFixture, at time: Int64) {
    let call = NodeFixture.call(of: a, to: b, at: time)
    let answer = b.receive(call, from: a.endpoint, at: time).first ?? []
    _ = a.receive(answer, from: b.endpoint, at: time)
    let record = a.installed.last?.firstRecord(at: time) ?? []
    _ = b.receive(record, from: a.endpoint, at: time)
  }

  @Test("is not answered, but asked about once; its next call finds the verdict")
  func asks() throws {
    let (a, b) = strangers()
    let call = try #require(a.call(b, at: 0).first)
    #expect(b.receive(call, from: a.endpoint, at: 10).isEmpty)
    #expect(b.receive(call, from: a.endpoint, at: 20).isEmpty)
    #expect(b.inquired == [a.identity.permID] && b.counters.stranger == 2)
    #expect(b.counters.inquiries == 1 && b.pending == 0)
    #expect(admit(a, by: b, as: .trusted, at: 30) != nil)
    #expect(b.receive(call, from: a.endpoint, at: 250).count == 1)
    #expect(b.node.kind(of: b.index(a)) == .trusted)
  }

  @Test("is met with silence for ten seconds once it was refused, and then asked about anew")
  func refuses() throws {
    for reason in [AdmissionRefusal.blocked, .notAdded] {
      let (a, b) = strangers()
      let call = try #require(a.call(b, at: 0).first)
      _ = b.receive(call, from: a.endpoint, at: 0)
      b.decide(at: 10) { node, now, _ in node.refuse(a.identity.permID, reason, at: now) }
      for time in stride(from: Int64(100), to: 10_000, by: 100) {
        #expect(b.receive(call, from: a.endpoint, at: time).isEmpty)
      }
      #expect(b.inquired.count == 1 && b.counters.refusals[reason] == 99)
      _ = b.receive(call, from: a.endpoint, at: 10_010)
      #expect(b.inquired.count == 2)
      b.decide(at: 10_020) { node, now, _ in
        node.refuse(a.identity.permID, reason, at: now)
        node.forgetRefusals()
      }
      _ = b.receive(call, from: a.endpoint, at: 10_030)
      #expect(b.inquired.count == 3, "another rule is in force")
    }
  }

  @Test("brings about no more questions than its network, and all together, may")
  func bounds() {
    let node = NodeFixture(1, inquires: true)
    let now = NodeFixture.moment(0).boot
    var inquiries = Inquiries(salt: 1)
    func permID(_ number: Int) -> PermID {
      var bytes = [UInt8](repeating: 0, count: 24)
      bytes.append(bigEndian: UInt64(number))
      return PermID(bytes) ?? node.identity.permID
    }
    let one = (0..<100).map {
      inquiries.take(permID($0), from: NodeFixture.endpoint(7).address, at: now)
    }
    #expect(one.count { $0 == .ask } == Int(Inquiries.sourceBurst))
    var asked = one.count { $0 == .ask }
    for number in 100..<100_000 {
      let address = IPAddress.v4(IPv4Address(UInt32(number) << 8))
      if inquiries.take(permID(number), from: address, at: now) == .ask { asked += 1 }
    }
    #expect(asked == Int(Inquiries.burst))
    // Nobody answers: what waits is bounded, and forgotten.
    for second in 1...60 as ClosedRange<Int64> {
      for number in 0..<200 {
        let address = IPAddress.v4(IPv4Address(UInt32(number + 1) << 8))
        _ = inquiries.take(
          permID(Int(second) * 1_000 + number), from: address, at: now + .seconds(second))
      }
      #expect(inquiries.count <= Inquiries.limit)
    }
    for number in 0..<10_000 { inquiries.refused(permID(number), .blocked, at: now) }
    #expect(inquiries.take(permID(9_999), from: nil, at: now + .seconds(100)) == .ask)
  }

  @Test("takes the place of the transient contact without a session that was unused longest")
  func evicts() throws {
    let (a, b) = strangers()
    let keys = (0..<UInt32(Node.transientLimit)).map { NodeFixture($0 + 100) }
    let first = try #require(admit(a, by: b, as: .trusted, at: 0))
    open(a, b, at: 10)
    #expect(b.state(of: a) == .open)
    for (place, key) in keys.enumerated() {
      #expect(admit(key, by: b, as: .trusted, at: 100 + Int64(place)) != nil)
    }
    #expect(b.counters.evicted == 1 && b.node.kind(of: first) == .trusted)
    #expect(b.node.index(of: keys[0].identity.permID) == nil)
    #expect(b.node.index(of: keys[1].identity.permID) != nil)
    #expect(b.forgotten.count == 1 && b.node.uninvited.count == Node.transientLimit)
    // The user's contacts have room of their own.
    #expect(b.add(NodeFixture(9), at: 5_000) != nil && b.counters.evicted == 1)
  }

  @Test("has a stranger's place only while there is one, a minute at least")
  func strangerPlaces() {
    let b = NodeFixture(2, inquires: true)
    let others = (0..<UInt32(Node.strangerLimit + 2)).map { NodeFixture($0 + 100) }
    for (place, other) in others.dropLast(2).enumerated() {
      other.add(b)
      #expect(admit(other, by: b, as: .stranger, at: 0) != nil)
      open(other, b, at: 10 + Int64(place) * 30)
      #expect(b.state(of: other) == .open)
    }
    #expect(admit(others[64], by: b, as: .stranger, at: 59_000) == nil)
    #expect(b.counters.refusals[.strangers] == 1 && b.refusals == [.strangers])
    #expect(admit(others[64], by: b, as: .stranger, at: 60_000) != nil)
    #expect(b.counters.evicted == 1 && b.retired.count == 1)
    // One that becomes trusted leaves its place to others.
    #expect(admit(others[5], by: b, as: .trusted, at: 60_000) != nil)
    #expect(admit(others[65], by: b, as: .stranger, at: 60_000) != nil)
    #expect(b.counters.evicted == 1)
  }

  @Test("stays what the user made it when it is judged, and becomes a contact when it is added")
  func added() throws {
    let (a, b) = strangers()
    let index = try #require(b.add(a))
    #expect(admit(a, by: b, as: .stranger, at: 0) == index)
    #expect(b.node.kind(of: index) == .added)
    b.remove(a, at: 1)
    let again = try #require(admit(a, by: b, as: .stranger, at: 2))
    #expect(again != index, "a number rests for a while")
    #expect(b.add(a) == again && b.node.kind(of: again) == .added)
  }

  @Test("leaves a number that is given out again after a minute, so that numbers stay few")
  func numbers() {
    var numbers = PeerNumbers()
    var highest = 0
    for second in 0..<10_000 as Range<Int64> {
      let now = NodeFixture.moment(second * 1_000).boot
      let index = numbers.take(at: now)
      highest = max(highest, index.value)
      numbers.giveBack(index, at: now)
    }
    #expect(highest == 59)
  }

  @Test("leaves nothing in the store, and what it says of us counts only where it is trusted")
  func word() throws {
    let seen = Endpoint(.v4(IPv4Address(0xcb00_7107)), port: 7)
    for (kind, counts) in [(PeerClass.stranger, false), (.guest, false), (.trusted, true)] {
      let (a, b) = strangers()
      b.setLocal(Endpoint(.v4(IPv4Address(0x0a00_0001)), port: 1), at: 0)
      #expect(admit(a, by: b, as: kind, at: 0) != nil)
      a.setLocal(a.endpoint, at: 0)
      b.notes = []
      open(a, b, at: 10)
      #expect(b.state(of: a) == .open && b.notes.isEmpty)
      b.observe(seen, by: a, at: 20)
      #expect((b.binding?.record.endpoint4 == seen) == counts)
      #expect(b.node.openPeers.isEmpty != counts)
    }
  }
}

extension NodeFixture {
  /// The call of a node that knows the callee, and the callee's cookie with it if it asks for one.
  static func call(of caller: NodeFixture, to callee: NodeFixture, at time: Int64) -> [UInt8] {
    caller.call(callee, at: time).first ?? []
  }
}
