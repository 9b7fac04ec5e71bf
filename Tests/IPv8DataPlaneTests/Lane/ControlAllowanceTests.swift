import IPv8Wire
import P2TP
import Testing

@testable import IPv8DataPlane

/// docs/protocol/directory.md, Limits.
@Suite("Control frames of a peer")
struct ControlAllowanceTests {
  private let start = LanePair.start + .milliseconds(10)

  /// Sends `count` frames with bodies of `byteCount` bytes in the second that ends at `end`, evenly;
  /// how many the node hears.
  private func heard(
    _ pair: LanePair, _ count: Int, of byteCount: Int, until end: Timestamp
  ) -> Int {
    let frame = ControlFrame(.sync, body: [UInt8](repeating: 1, count: byteCount)).bytes
    var heard = 0
    for number in 0..<count {
      let now = end + Interval.microseconds(Int64((number - count) * 1_000_000 / count))
      var datagram = [UInt8](repeating: 0, count: 12) + frame + [UInt8](repeating: 0, count: 16)
      datagram.withMutableRawSpan { span in
        _ = pair.a.lane.transmitter.sessions[0].seal(&span, isData: false, at: now)
      }
      _ = pair.b.receive([datagram], from: pair.a.endpoint, at: now)
      heard += pair.b.out.messages.count
    }
    return heard
  }

  @Test("as many as synchronisation sends all pass", arguments: [1_100, 40])
  func honest(byteCount: Int) {
    let pair = LanePair()
    // 64 KiB at once, and as much in each second.
    #expect(heard(pair, 65_536 / 1_100, of: byteCount, until: start) == 65_536 / 1_100)
    for second in 1...20 as ClosedRange<Int64> {
      let count = 65_536 / max(byteCount, 256)
      #expect(heard(pair, count, of: byteCount, until: start + .seconds(second)) == count)
    }
    #expect(pair.b.counters.control == 0)
  }

  @Test(
    "do not pass when they are a flood, and pass again when it is over", arguments: [false, true])
  func flood(isStranger: Bool) {
    let pair = LanePair()
    if isStranger {
      pair.b.lane.setPeer(
        pair.b.peer,
        LanePeer(
          address: pair.a.address, alias: nil, wireAlias: pair.a.alias, keepOpen: false,
          isStranger: true))
    }
    let share = isStranger ? 2 : 1
    // What there is at once is gone after three seconds.
    for second in 0..<3 as Range<Int64> {
      _ = heard(pair, 4_000, of: 20, until: start + .seconds(second))
    }
    #expect(heard(pair, 4_000, of: 20, until: start + .seconds(3)) <= 514 / share)
    #expect(heard(pair, 1_000, of: 1_100, until: start + .seconds(4)) <= 121 / share)
    #expect(pair.b.counters.control > 10_000)
    // To be told anew what the peer is does not help.
    pair.b.know(pair.a)
    #expect(heard(pair, 1_000, of: 1_100, until: start + .seconds(5)) <= 121)
    #expect(heard(pair, 50, of: 1_100, until: start + .seconds(9)) == 50)
  }

  @Test("of strangers are few for all of them together")
  func strangers() {
    var allowance = ControlAllowance.strangers
    let taken = (0..<100_000).count { number in
      allowance.take(20, at: start + .microseconds(Int64(number) * 100))
    }
    // Of 10 s 20,480, and 4,096 at once.
    #expect((24_000..<25_000).contains(taken))
  }
}
