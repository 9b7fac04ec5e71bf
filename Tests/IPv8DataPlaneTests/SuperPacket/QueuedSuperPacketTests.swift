import IPv8Wire
import P2TP
import PacketOracle
import TestVectors
import Testing

@testable import IPv8DataPlane
@testable import P2TP

@Suite("Super-packets that must wait")
struct QueuedSuperPacketTests {
  @Test("arrive in part at once and in part later, as if none had waited", arguments: 0..<10)
  func arrive(_: Int) {
    var seeds = TestRandom("QueuedSuperPacket.arrive")
    var random = SeededRandom(seed: seeds.next())
    let pair = SuperPair()
    pair.a.lane.transmitter.sessions[0].rate = RateControl(mode: .fixed(bitsPerSecond: 5_000_000))
    var now = SuperPair.now
    for turn in 0..<4 {
      var sent = pair.randomPacket(using: &random)
      // One of them certainly waits.
      if turn == 3 {
        sent = pair.packet(
          isIPv6: Bool.random(using: &random), .tcp(sequence: 1, flags: 0x18, options: []),
          .random(20_000, using: &random), gsoSize: 1_188)
      }
      now = now + .milliseconds(20)
      var left = pair.a.transmit([TUNPacket(sent.local)], at: now)
      left += pair.a.out.records.map(\.bytes)
      let waits = pair.a.lane.transmitter.queues.holds(pair.a.peer)
      #expect(turn < 3 || waits)
      while pair.a.lane.transmitter.queues.holds(pair.a.peer) {
        now = max(now, pair.a.lane.nextDeadline)
        pair.a.out.removeAll()
        pair.a.lane.advance(to: now, into: &pair.a.out)
        left += pair.a.out.records.map(\.bytes)
      }
      let arrived = pair.carry(left).flatMap { NaiveSegmenter.segments($0) ?? [] }
      #expect(difference(arrived, sent.remote.segments) == nil)
    }
    #expect(pair.a.counters == LaneCounters())
  }
}
