import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8Node
@testable import P2TP

/// docs/protocol: R5, and what a local program hears of it.
@Suite("A call")
struct CallSimulation {
  private static let nobody = Endpoint(.v4(IPv4Address(0xcb00_7101)), port: 9)

  @Test("costs the first packet one round trip, and the packets after it nothing")
  func oneRoundTrip() {
    let pair = Pair(seed: 1)
    func delay(of payload: [UInt8]) -> Interval {
      let (start, before) = (pair.simulation.now, pair.b.delivered.count)
      pair.simulation.send(payload, from: pair.a, to: pair.b)
      _ = pair.simulation.run(for: .seconds(5)) { pair.b.delivered.count > before }
      return pair.simulation.now - start
    }
    let oneWay = LinkConditions.clean.delay
    #expect(delay(of: [1]) == oneWay * 3)
    #expect(delay(of: [2]) == oneWay)
  }

  @Test("to nobody is answered with ICMP unreachable after 3 s and given up after 30 s")
  func nobody() {
    let pair = Pair(seed: 1)
    pair.simulation.network.unplugged.insert(pair.b.endpoint)
    pair.simulation.send([1], from: pair.a, to: pair.b)
    pair.simulation.run(for: .milliseconds(2900))
    #expect(pair.a.replies.isEmpty)
    pair.simulation.run(for: .milliseconds(200))
    #expect(pair.a.replies.count == 1)
    #expect(pair.a.replies.first?[40] == 1, "destination unreachable")
    pair.simulation.run(for: .seconds(32))
    let before = pair.datagrams
    pair.simulation.run(for: .seconds(3600))
    #expect(pair.datagrams == before)
    #expect(pair.simulation.faults.isEmpty)
    // The next packet is worth another call.
    pair.simulation.send([1], from: pair.a, to: pair.b)
    #expect(pair.datagrams > before)
  }

  @Test("to a contact whose address nobody told is answered with ICMP unreachable at once")
  func nowhere() {
    let pair = Pair(seed: 2)
    pair.a.add(
      Contact(permID: pair.b.permID), at: pair.simulation.moment, &pair.simulation.network)
    for count in 1...3 {
      pair.simulation.send([1], from: pair.a, to: pair.b)
      #expect(pair.a.replies.count == count)
    }
  }

  @Test("to a peer that is to be kept open goes on for ever at growing intervals")
  func patient() {
    let pair = Pair(seed: 3)
    pair.simulation.network.unplugged.insert(pair.b.endpoint)
    pair.simulation.introduce(pair.a, to: pair.b, keepOpen: true)
    pair.simulation.run(for: .seconds(60))
    var counts: [Int] = []
    for _ in 0..<3 {
      let before = pair.datagrams
      pair.simulation.run(for: .seconds(3600))
      counts.append(pair.datagrams - before)
    }
    #expect(counts.allSatisfy { (200...320).contains($0) }, "one in 15 s, a quarter either way")
    pair.simulation.network.unplugged = []
    #expect(pair.simulation.run(for: .seconds(20)) { pair.isOpen(pair.a) })
  }

  @Test("withdrawn for the peer's own is taken up again where the peer then falls silent")
  func resumes() {
    let pair = Pair(seed: 4, keepOpen: true)
    let lesser = pair.a.permID < pair.b.permID ? pair.a : pair.b
    let greater = lesser === pair.a ? pair.b : pair.a
    // The greater's call arrives, then the greater is gone before it hears the answer.
    _ = pair.simulation.run(for: .seconds(5)) {
      lesser.node.peers.values.contains { $0.association.answered != nil }
    }
    pair.simulation.network.unplugged.insert(greater.endpoint)
    pair.simulation.run(for: .seconds(20))
    pair.simulation.restart(greater, seed: 77)
    pair.simulation.remove(lesser.permID, from: greater)
    pair.simulation.introduce(greater, to: lesser)
    pair.simulation.network.unplugged = []
    #expect(pair.simulation.run(for: .seconds(20)) { pair.isOpen(lesser) && pair.isOpen(greater) })
  }
}
