import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8Node
@testable import P2TP

/// docs/protocol: keepalive, rekey and the end of sessions, in virtual time.
@Suite("A session over its lifetime")
struct LifetimeSimulation {
  @Test("is replaced under traffic without the loss of one packet, batches and all")
  func rekeysWithoutLoss() {
    var conditions = LinkConditions.clean
    conditions.grid = .milliseconds(20)
    let pair = Pair.open(seed: 1, conditions: conditions)
    pair.a.forgetDelivered()
    pair.b.forgetDelivered()
    let sent = pair.talk(for: .seconds(400), every: .milliseconds(7))
    #expect(pair.a.delivered.count == sent)
    #expect(pair.b.delivered.count == sent)
    #expect(pair.simulation.faults.isEmpty)
    #expect((3...5).contains(pair.openings(pair.a)), "about one session each 120 s")
  }

  @Test("is replaced about every 120 s, no oftener, while packets pass one way only")
  func rekeysOnce() {
    let pair = Pair.open(seed: 2)
    let end = pair.simulation.now + .seconds(1200)
    while pair.simulation.now < end {
      pair.simulation.send([1], from: pair.b, to: pair.a)
      pair.simulation.run(for: .seconds(1))
    }
    #expect((9...12).contains(pair.openings(pair.a)))
  }

  @Test("ends when nothing was said for long, and then the network is quiet")
  func expires() {
    let pair = Pair.open(seed: 3)
    pair.simulation.run(for: SessionTimes.inUse + SessionTimes.lifetime + .seconds(10))
    #expect(!pair.isOpen(pair.a) && !pair.isOpen(pair.b))
    let before = pair.datagrams
    pair.simulation.run(for: .seconds(7200))
    #expect(pair.datagrams == before)
    #expect(pair.simulation.faults.isEmpty)
    pair.simulation.send([9], from: pair.b, to: pair.a)
    #expect(pair.simulation.run(for: .seconds(1)) { pair.a.delivered.last?.last == 9 })
  }

  @Test("does not ask whether data arrived that got no reply but the peer's report, sent once")
  func reportsOnce() {
    let pair = Pair.open(seed: 4)
    pair.simulation.run(for: .seconds(5))
    func sent(by host: SimulatedHost) -> Int {
      pair.simulation.network.sentDatagrams[host.endpoint] ?? 0
    }
    let before = (sent(by: pair.a), sent(by: pair.b))
    pair.simulation.send([1], from: pair.a, to: pair.b)
    pair.simulation.run(for: .milliseconds(290))
    #expect((sent(by: pair.a), sent(by: pair.b)) == (before.0 + 1, before.1 + 1))
    pair.simulation.run(for: .seconds(9))
    #expect((sent(by: pair.a), sent(by: pair.b)) == (before.0 + 1, before.1 + 1))
  }

  @Test("keeps the NAT's mapping with one record each way in 25 s")
  func natKeepalive() {
    let pair = Pair.open(seed: 5)
    pair.simulation.run(for: .seconds(20))
    let before = pair.datagrams
    pair.simulation.run(for: .seconds(75))
    #expect((5...6).contains(pair.datagrams - before))
  }

  @Test("of a peer that died is called about without a busy loop, then packets are refused")
  func deadPeer() {
    let pair = Pair.open(seed: 6)
    pair.simulation.network.unplugged.insert(pair.b.endpoint)
    for _ in 0..<300 {
      pair.simulation.send([1], from: pair.a, to: pair.b)
      pair.simulation.run(for: .seconds(1))
    }
    #expect(pair.simulation.faults.isEmpty)
    #expect(!pair.isOpen(pair.a))
    #expect(!pair.a.replies.isEmpty)
  }

  @Test("is open again within 2 s of a restart, and packets of the other side pass")
  func warmRestart() {
    let pair = Pair.open(seed: 7)
    pair.simulation.run(for: .seconds(30))
    pair.simulation.restart(pair.a, seed: 99)
    pair.simulation.run(for: .seconds(1))
    pair.a.forgetDelivered()
    pair.simulation.send([5], from: pair.b, to: pair.a)
    #expect(pair.simulation.run(for: .seconds(1)) { pair.a.delivered.last?.last == 5 })
  }
}
