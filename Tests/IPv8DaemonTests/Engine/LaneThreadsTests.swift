import IPv8DataPlane
import IPv8Platform
import IPv8Simulator
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Daemon

/// The two halves of a lane on threads of their own, which share the reception box alone.
@Suite("Two lanes on four threads")
struct LaneThreadsTests {
  private static let flows = 5
  private static let packets = 5_000

  /// Packet `number` of flow `flow`: its content follows from both.
  private static func payload(_ flow: Int, _ number: Int) -> [UInt8] {
    var random = SeededRandom(seed: UInt64(flow) << 32 | UInt64(number))
    var payload: [UInt8] = [UInt8(flow)]
    payload.append(bigEndian: UInt32(number))
    for _ in 0..<Int.random(in: 0...120, using: &random) {
      payload.append(bigEndian: random.next())
    }
    return payload
  }

  @Test("carry packets both ways: all arrive intact, and in order per flow", arguments: 1...3)
  func stress(seed: Int) throws {
    let a = try ThreadedLane(TestHost(1), expecting: Self.packets)
    let b = try ThreadedLane(TestHost(2), expecting: Self.packets)
    let (one, two) = EstablishedSession.pair(
      at: SystemClock.now(), endpoints: (a.host.endpoint, b.host.endpoint))
    var threads = ThreadGroup()
    try a.start(with: b, session: one, in: &threads)
    try b.start(with: a, session: two, in: &threads)
    let sent = feed([a, b], seed: UInt64(seed))
    for lane in [a, b] { #expect(try Self.isComplete(lane)) }
    for lane in [a, b] { lane.inboxes.receive.post(.stop) }
    threads.join()

    for (lane, other) in [(a, b), (b, a)] {
      let outcome = lane.delivered.outcome
      #expect(outcome.faults.isEmpty && outcome.counters == LaneCounters())
      check(lane.delivered.packets, of: sent, from: other.host, to: lane.host)
      let bytes = lane.delivered.packets.reduce(0) { $0 + $1.count }
      #expect(outcome.report.fromPeer.total.bytes == UInt64(bytes), "all was told")
      #expect(outcome.report.lossRatio == 0 && outcome.report.roundTrip != nil)
      #expect((1...Self.packets).contains(outcome.receptions))
    }
  }

  /// Gives both lanes the packets of all flows in bursts; how many each flow has.
  private func feed(_ lanes: [ThreadedLane], seed: UInt64) -> [Int] {
    var random = SeededRandom(seed: seed)
    var sent = [Int](repeating: 0, count: Self.flows)
    for _ in 0..<Self.packets {
      let flow = Int.random(in: 0..<Self.flows, using: &random)
      let payload = Self.payload(flow, sent[flow])
      sent[flow] += 1
      for (lane, other) in [(lanes[0], lanes[1]), (lanes[1], lanes[0])] {
        lane.packets.post(
          InnerPacket.v6(from: lane.host.address, to: other.host.address, payload: payload))
      }
    }
    return sent
  }

  /// Waits until all packets have reached `lane`; false where that takes too long.
  private static func isComplete(_ lane: ThreadedLane) throws -> Bool {
    guard let waker = lane.delivered.complete else { return false }
    var loop = try EventLoop()
    try loop.add(waker, token: EventLoop.Token(1))
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now() + .seconds(60), into: &ready)
    return !ready.isEmpty
  }

  private func check(
    _ packets: [[UInt8]], of sent: [Int], from source: TestHost, to destination: TestHost
  ) {
    var next = [Int](repeating: 0, count: Self.flows)
    for packet in packets {
      guard packet.count > 40, Int(packet[40]) < Self.flows else {
        Issue.record("no packet of ours")
        return
      }
      let flow = Int(packet[40])
      let expected = InnerPacket.v6(
        from: source.address, to: destination.address, payload: Self.payload(flow, next[flow]))
      guard packet == expected else {
        Issue.record("flow \(flow): packet \(next[flow]) is not the next one or not intact")
        return
      }
      next[flow] += 1
    }
    #expect(next == sent)
  }
}
