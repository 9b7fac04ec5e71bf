import IPv8Crypto
import IPv8Wire
import Testing

@testable import IPv8Node
@testable import P2TP

/// docs/protocol/admission.md, "Load".
@Suite("Callers from where no contact is")
struct UnknownLoadTests {
  @Test("need cookies from 51 calls a second on, while contacts need none")
  func apart() {
    var gate = LoadGate()
    let now = NodeFixture.moment(0).boot
    let levels = (1...1_000).map { _ in gate.arrival(pending: 0, isKnown: false, at: now) }
    #expect(levels[49] == .none && levels[50] == .cookie && levels[999] == .cookie)
    #expect(gate.arrival(pending: 0, at: now) == .none)
  }

  @Test("have twenty handshakes a second under load, whatever they return")
  func share() {
    var gate = LoadGate()
    let now = NodeFixture.moment(0).boot
    var taken = 0
    for millisecond in 0..<10_000 as Range<Int64>
    where gate.takeUnknown(at: now + .milliseconds(millisecond)) { taken += 1 }
    #expect((239...241).contains(taken))
  }

  @Test("do not delay a contact's call, though they come by the thousand and return cookies")
  func contactGoesFirst() throws {
    let (a, b) = (NodeFixture(1), NodeFixture(2, inquires: true))
    a.add(b)
    b.add(a)
    var deferred = 0
    for number in 0..<400 as Range<UInt32> {
      let stranger = NodeFixture(1_000 + number)
      stranger.add(b)
      let call = stranger.call(b, at: 0).first ?? []
      // Each from a network of its own.
      let source = Endpoint(.v4(IPv4Address(0x0800_0000 + number << 8)), port: 1)
      let reply = b.receive(call, from: source, at: 100).first
      guard let reply else { continue }
      deferred += 1
      let again = stranger.receive(reply, from: b.endpoint, at: 101).first ?? []
      _ = b.receive(again, from: source, at: 102)
    }
    #expect(deferred == 350 && b.counters.stranger == 50 + UInt64(LoadGate.unknownBurst))
    #expect(b.counters.unknownShare == 350 - UInt64(LoadGate.unknownBurst))
    let call = try #require(a.call(b, at: 103).first)
    #expect(b.receive(call, from: a.endpoint, at: 103).first.map { $0.count > 8 } == true)
  }
}
