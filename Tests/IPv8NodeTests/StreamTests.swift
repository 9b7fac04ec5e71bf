import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// docs/protocol/streams.md, "When"
@Suite("Streams that a node asks for")
struct StreamTests {
  /// A node that calls another one, and what it asked for.
  private final class Caller {
    let fixture = NodeFixture(1)
    let peer = NodeFixture(2)
    private(set) var dials: [Int64] = []
    private(set) var hangUps: [UInt32] = []
    private(set) var probes: [(at: Int64, endpoint: Endpoint)] = []
    private(set) var sent: [(bytes: [UInt8], endpoint: Endpoint)] = []
    private(set) var now: Int64 = 0
    private var actions: [NodeAction] = []

    init(streams: [String] = ["https://example.org"], told: [Endpoint] = [NodeFixture.endpoint(2)])
    {
      _ = fixture.node.setContact(
        Contact(
          permID: peer.identity.permID, told: told,
          streams: streams.compactMap { StreamAddress(text: $0) }),
        at: moment, into: &actions)
      peer.add(fixture)
    }

    var index: PeerIndex { fixture.index(peer) }
    private var moment: Moment { NodeFixture.moment(now) }

    func act(_ body: (inout Node, PeerIndex, Moment, inout [NodeAction]) -> Void) {
      body(&fixture.node, index, moment, &actions)
      collect()
    }

    /// Lets time go by, deadline by deadline.
    func run(to end: Int64) {
      while true {
        let due = fixture.node.nextDeadline - NodeFixture.moment(0).boot
        guard due.milliseconds <= end else { break }
        now = max(now + 1, due.milliseconds + 1)
        fixture.node.advance(to: moment, into: &actions)
        collect()
      }
      now = max(now, end)
    }

    private func collect() {
      for action in actions {
        switch action {
        case .dial(index, let addresses):
          #expect(addresses == [StreamAddress(text: "https://example.org")])
          dials.append(now)
        case .hangUp(let number): hangUps.append(number)
        case .probe(index, let endpoint): probes.append((now, endpoint))
        case .send(let bytes, let endpoint): sent.append((bytes, endpoint))
        default: break
        }
      }
      actions = []
    }

    /// Exchanges the handshake by the stream `number`.
    func openSession(by number: UInt32) {
      let way = Endpoint(.stream(number))
      guard let call = sent.last(where: { $0.endpoint == way }) else { return }
      for answer in peer.receive(call.bytes, from: way, at: now) {
        act { node, _, now, actions in _ = node.receive(answer, from: way, at: now, into: &actions)
        }
      }
      #expect(fixture.state(of: peer) == .open)
      act { $0.handle(.moved(way), of: $1, at: $2, into: &$3) }
    }
  }

  @Test("a call dials after two seconds without an answer, and where nothing else is known at once")
  func patience() {
    let caller = Caller()
    caller.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    caller.run(to: 1_900)
    #expect(caller.dials.isEmpty)
    caller.run(to: 20_000)
    #expect(caller.dials.count == 1 && caller.dials[0] < 2_010)
    let lone = Caller(told: [])
    lone.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    #expect(lone.dials == [0])
    let none = Caller(streams: [])
    none.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    none.run(to: 20_000)
    #expect(none.dials.isEmpty)
  }

  @Test("the call goes on by the stream at once, and the session stands")
  func opening() {
    let caller = Caller()
    caller.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    caller.run(to: 3_000)
    caller.act { $0.streamOpened($1, number: 7, at: $2, into: &$3) }
    #expect(caller.sent.last?.endpoint == Endpoint(.stream(7)))
    caller.openSession(by: 7)
  }

  @Test("what fails is dialled again later and later, while it is wanted")
  func backoff() {
    let caller = Caller()
    caller.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    for round in 0..<4 {
      caller.run(to: caller.now + 10_000)
      guard caller.dials.count == round + 1 else { break }
      caller.act { $0.streamFailed($1, at: $2, into: &$3) }
    }
    caller.run(to: 200_000)
    // The call is given up after 30 s; so is dialling.
    #expect((3...4).contains(caller.dials.count), "\(caller.dials)")
  }

  @Test("while it carries traffic, direct ways are asked after 10, 30, 60 s and every minute")
  func upgrades() {
    let caller = Caller()
    caller.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    caller.run(to: 3_000)
    caller.act { $0.streamOpened($1, number: 7, at: $2, into: &$3) }
    caller.openSession(by: 7)
    let start = caller.now
    caller.run(to: start + 230_000)
    let direct = caller.probes.filter { $0.endpoint == NodeFixture.endpoint(2) }.map {
      $0.at - start
    }
    let wanted: [Int64] = [10_000, 40_000, 100_000, 160_000, 220_000]
    for (expected, at) in zip(wanted, direct) {
      #expect(abs(at - expected) < 200, "\(direct)")
    }
    #expect(direct.count == 5)
  }

  @Test("once traffic goes directly it is ended after a minute, and so when the contact is removed")
  func ending() {
    for isRemoved in [false, true] {
      let caller = Caller()
      caller.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
      caller.run(to: 3_000)
      caller.act { $0.streamOpened($1, number: 7, at: $2, into: &$3) }
      caller.openSession(by: 7)
      if isRemoved {
        caller.act { $0.removeContact($1, at: $2, into: &$3) }
      } else {
        caller.act { $0.handle(.moved(NodeFixture.endpoint(2)), of: $1, at: $2, into: &$3) }
        caller.run(to: caller.now + 59_000)
        #expect(caller.hangUps.isEmpty)
        caller.run(to: caller.now + 2_000)
      }
      #expect(caller.hangUps == [7])
      caller.act { $0.streamOpened($1, number: 8, at: $2, into: &$3) }
      #expect(caller.hangUps == [7, 8])
    }
  }

  @Test("a stream that breaks under a session is dialled again, as is one to a peer that is lost")
  func breaking() {
    let caller = Caller()
    caller.act { $0.callUnlessOpen($1, at: $2, into: &$3) }
    caller.run(to: 3_000)
    caller.act { $0.streamOpened($1, number: 7, at: $2, into: &$3) }
    caller.openSession(by: 7)
    caller.act { node, _, now, actions in node.streamClosed(number: 7, at: now, into: &actions) }
    caller.run(to: caller.now + 1_100)
    #expect(caller.dials.count == 2)
    caller.act { $0.streamOpened($1, number: 8, at: $2, into: &$3) }
    #expect(caller.probes.last?.endpoint == Endpoint(.stream(8)))
    caller.act { $0.handle(.moved(NodeFixture.endpoint(2)), of: $1, at: $2, into: &$3) }
    caller.run(to: caller.now + 120_000)
    #expect(caller.hangUps == [8])
    caller.act { $0.handle(.lost, of: $1, at: $2, into: &$3) }
    #expect(caller.dials.count == 3)
  }
}
