import IPv8Wire
import P2TP
import Testing

@testable import IPv8DataPlane

@Suite("The quality of a path")
struct QualityTests {
  private static let start = Timestamp(nanoseconds: 1 << 40)

  @Test("rates are of the last second, losses of the last ten, sums of all time")
  func windows() {
    var history = TrafficHistory()
    history.prepare()
    var now = Self.start
    // 100 ms apart, 1,000 bytes each: 80 kbit/s.
    for _ in 0..<100 {
      history.note(bytes: 1_000, records: RecordCount(arrived: 9, lost: 1), at: now)
      now = now + .milliseconds(100)
    }
    let busy = history.report(at: now)
    #expect(busy.total.bytes == 100_000)
    #expect((70_000...90_000).contains(busy.bitsPerSecond), "\(busy.bitsPerSecond)")
    #expect(
      busy.recent.lossRatio == 0.1 && busy.total.records == RecordCount(arrived: 900, lost: 100))
    let quiet = history.report(at: now + .seconds(2))
    #expect(quiet.bitsPerSecond == 0 && quiet.recent.lossRatio == 0.1)
    let later = history.report(at: now + .seconds(11))
    #expect(later.recent.lossRatio == nil && later.total == busy.total)
  }

  @Test("a slot that is used again forgets what it held")
  func reuse() {
    var history = TrafficHistory()
    history.prepare()
    history.note(bytes: 7, records: RecordCount(arrived: 1, lost: 1), at: Self.start)
    let around = Timestamp(
      nanoseconds: Self.start.nanoseconds + TrafficHistory.lossSlots << TrafficHistory.slotShift)
    history.note(bytes: 5, records: RecordCount(arrived: 4, lost: 0), at: around)
    let report = history.report(at: around)
    #expect(report.recent == RecordCount(arrived: 4, lost: 0) && report.lateBytes == 5)
    #expect(report.total.bytes == 12)
  }

  @Test("without room for a history there is a sum all the same")
  func unprepared() {
    var history = TrafficHistory()
    history.note(bytes: 7, at: Self.start)
    #expect(history.report(at: Self.start).total.bytes == 7)
    #expect(history.report(at: Self.start).bitsPerSecond == 0)
  }

  @Test("both ends tell the same of what was lost between them")
  func losses() {
    let pair = LanePair()
    var now = LanePair.start + .milliseconds(10)
    let packet = packet6(from: pair.a.address, to: pair.b.address, [UInt8](repeating: 1, count: 60))
    for number in 0..<1_000 {
      let sent = pair.a.transmit([packet], at: now)
      // Every tenth is lost.
      if number % 10 != 0 { _ = pair.b.receive(sent, from: pair.a.endpoint, at: now) }
      now = now + .milliseconds(1)
      pair.b.lane.advance(to: now, into: &pair.b.out)
      let reports = pair.b.out.records.map(\.bytes)
      pair.b.out.removeAll()
      for report in reports { _ = pair.a.receive([report], from: pair.b.endpoint, at: now) }
    }
    let here = pair.b.lane.report(pair.b.peer, at: now)
    let there = pair.a.lane.report(pair.a.peer, at: now)
    #expect(here.fromPeer.total.bytes == 900 * UInt64(packet.count))
    #expect(there.toPeer.total.bytes == 1_000 * UInt64(packet.count))
    for count in [here.fromPeer.total.records, there.toPeer.total.records, there.toPeer.recent] {
      #expect(abs((count.lossRatio ?? 0) - 0.1) < 0.02, "\(count)")
    }
    #expect(there.toPeer.total.records.arrived > 500)
    #expect(there.fromPeer.total.records.lost == 0)
  }

  @Test("the other ways are told with their last round trip, the current one is not")
  func ways() {
    let relayed = LaneEnd(7).endpoint
    let slow = LaneEnd(8).endpoint
    let pair = LanePair()
    let now = LanePair.start
    func path<T>(_ body: (inout PeerPath) -> T) -> T? {
      guard var path = pair.a.lane.transmitter.peers[pair.a.peer]?.path else { return nil }
      defer { pair.a.lane.transmitter.peers[pair.a.peer]?.path = path }
      return body(&path)
    }
    _ = path { $0.proved(slow, roundTrip: .milliseconds(90), smoothed: .milliseconds(5), at: now) }
    let later = now + .seconds(1)
    _ = path {
      $0.proved(relayed, roundTrip: .milliseconds(40), smoothed: .milliseconds(5), at: later)
    }
    let ways = pair.a.lane.report(pair.a.peer, at: later).otherWays
    #expect(ways.map(\.endpoint) == [relayed, slow])
    #expect(ways.map(\.roundTrip) == [.milliseconds(40), .milliseconds(90)])
    #expect(ways.map(\.provenAt) == [later, now])
  }

  @Test("what lanes carried is added up, the rest is the first one's word")
  func lanes() {
    var sum = LanePeerReport()
    var first = LanePeerReport()
    first.isOpen = true
    first.suite = "one"
    first.toPeer.lateBytes = 1_000
    first.toPeer.lateTime = .seconds(1)
    first.toPeer.recent = RecordCount(arrived: 3, lost: 1)
    var second = first
    second.suite = "two"
    sum.add(first)
    sum.add(second)
    #expect(sum.suite == "one" && sum.toPeer.bitsPerSecond == 16_000)
    #expect(sum.toPeer.recent == RecordCount(arrived: 6, lost: 2))
  }
}
