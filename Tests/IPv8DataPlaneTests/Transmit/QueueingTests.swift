import IPv8Simulator
import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane
@testable import P2TP

extension LaneEnd {
  /// Slows the sessions down that are open.
  fileprivate func slowDown(bitsPerSecond: Int64 = 10_000_000) {
    for place in 0..<lane.transmitter.sessions.count {
      lane.transmitter.sessions[place].rate = RateControl(
        mode: .fixed(bitsPerSecond: bitsPerSecond))
    }
  }

  fileprivate var backlog: Int { lane.transmitter.queues.backlog(of: peer).packets }
  fileprivate var isBacklogged: Bool { lane.transmitter.sessions[0].rateReport.isBacklogged }
  fileprivate var activeFlows: Int { lane.transmitter.sessions[0].rateReport.flows - 1 }

  fileprivate func packet(
    _ serial: UInt32, to other: LaneEnd, flow: UInt16 = 1, size: Int = 1280, ecn: UInt8 = 0
  ) -> [UInt8] {
    var bytes = QueuedPacket(flow: flow, serial: serial, size: size, ecn: ecn).bytes
    bytes.withMutableRawSpan { span in
      span.storeBigEndian(address.address.value, at: 8)
      span.storeBigEndian(other.address.address.value, at: 24)
    }
    return bytes
  }
}

@Suite("A transmitter with a slow session")
struct QueueingTests {
  private let start = LanePair.start + .milliseconds(10)
  private let pair = LanePair()

  /// Sends packets one by one; the datagrams and records that leave at once.
  private func send(_ packets: [[UInt8]], at now: Timestamp) -> [[UInt8]] {
    packets.flatMap { packet in
      let sealed = pair.a.transmit([packet], at: now)
      return sealed + pair.a.out.records.map(\.bytes)
    }
  }

  /// Lets time pass to each deadline until `end`; what leaves at which time.
  private func drain(from now: Timestamp, until end: Timestamp) -> [(at: Timestamp, bytes: [UInt8])]
  {
    var left: [(at: Timestamp, bytes: [UInt8])] = []
    var now = now
    while pair.a.nextDeadline <= end {
      now = max(now, pair.a.nextDeadline)
      pair.a.out.removeAll()
      pair.a.lane.advance(to: now, into: &pair.a.out)
      left += pair.a.out.records.map { (now, $0.bytes) }
    }
    return left
  }

  private func serials(_ datagrams: [[UInt8]], at now: Timestamp) -> [UInt32] {
    datagrams.flatMap { pair.b.receive([$0], from: pair.a.endpoint, at: now) }.map(\.queued.serial)
  }

  @Test("keeps what may not leave, and sends it in order as time passes, at the session's rate")
  func drains() {
    pair.a.slowDown()
    let packets = (0..<100 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }
    let first = send(packets, at: start)
    #expect((8...12).contains(first.count) && pair.a.backlog == 100 - first.count)
    #expect(pair.a.isBacklogged && pair.a.counters.overflow == 0)
    let end = start + .milliseconds(200)
    let later = drain(from: start, until: end)
    #expect(serials(first + later.map(\.bytes), at: end) == Array(0..<100))
    #expect(pair.a.backlog == 0 && !pair.a.isBacklogged)
    // 100 records of 1308 bytes at 10 Mbit/s, less the bucket.
    let last = (later.last?.at ?? start) - start
    #expect((90...96).contains(last.milliseconds))
    for (one, next) in zip(later, later.dropFirst()) {
      #expect(next.at - one.at <= .microseconds(1_100), "evenly")
    }
  }

  @Test("seals at once what may leave, without a queue")
  func fast() {
    let packets = (0..<50 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }
    for packet in packets { #expect(pair.a.transmit([packet], at: start).count == 1) }
    #expect(pair.a.backlog == 0 && pair.a.lane.transmitter.queues.memoryByteCount == 0)
  }

  @Test("lets no packet pass those that wait, though it could leave")
  func noOvertaking() {
    pair.a.slowDown()
    var sent = send((0..<30 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: start)
    // Time passes unused.
    let later = start + .milliseconds(8)
    sent += send((30..<40 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: later)
    sent += drain(from: later, until: later + .milliseconds(100)).map(\.bytes)
    #expect(serials(sent, at: later + .milliseconds(100)) == Array(0..<40))
  }

  @Test("sends a small packet before the bulk that waits")
  func sparse() {
    pair.a.slowDown()
    _ = send((0..<60 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: start)
    _ = send([pair.a.packet(1_000, to: pair.b, flow: 2, size: 100)], at: start)
    let next = drain(from: start, until: start + .milliseconds(5))
    #expect(serials(next.prefix(1).map(\.bytes), at: start) == [1_000])
  }

  @Test("drops what is too much, and counts it; the TUN is read on")
  func overflows() {
    pair.a.slowDown()
    let count = 3_000
    let packets = (0..<UInt32(count)).map { pair.a.packet($0, to: pair.b) }
    let sent = send(packets, at: start)
    #expect(pair.a.backlog * 1280 <= FairQueue.firstLimit)
    #expect(Int(pair.a.counters.overflow) == count - sent.count - pair.a.backlog)
    #expect(pair.a.counters.overflow > 0)
  }

  @Test("drops packets that wait too long, or marks them", arguments: [0, 2] as [UInt8])
  func controlsDelay(ecn: UInt8) {
    pair.a.slowDown()
    var received: [QueuedPacket] = []
    var now = start
    for serial in 0..<3_000 as Range<UInt32> {
      // Twice what may leave.
      now = now + .microseconds(520)
      var left = send([pair.a.packet(serial, to: pair.b, ecn: ecn)], at: now)
      left += drain(from: now, until: now).map(\.bytes)
      received += left.flatMap { pair.b.receive([$0], from: pair.a.endpoint, at: now) }
        .map(\.queued)
    }
    let marked = received.count { $0.ecn == 3 }
    #expect(UInt64(marked) == pair.a.counters.marked)
    #expect((marked > 0) == (ecn != 0) && (pair.a.counters.delay > 0) == (ecn == 0))
    #expect(pair.a.activeFlows == 1)
  }

  @Test("sends what waits by a new session")
  func rekeys() {
    pair.a.slowDown()
    let first = send((0..<40 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: start)
    #expect(serials(first, at: start) == Array(0..<UInt32(first.count)))
    pair.install(ids: (0x330, 0x440), at: start)
    #expect(pair.a.backlog == 40 - first.count, "the new session has the rate of the old one")
    pair.a.lane.retire(SessionID(0x110), tell: false, at: start, into: &pair.a.out)
    let left = drain(from: start, until: start + .seconds(1))
    #expect(pair.a.backlog == 0)
    #expect(serials(left.map(\.bytes), at: start) == Array(UInt32(first.count)..<40))
  }

  @Test(
    "forgets its window, and what it takes the round trip for, where this host's network changes")
  func forgetsRates() {
    var rate = RateControl(mode: .cubic())
    rate.roundTrip.sample(.milliseconds(5))
    rate.window.settle(at: 500)
    pair.a.lane.transmitter.sessions[0].rate = rate
    let before = pair.a.lane.transmitter.sessions[0].rateReport.window
    var out = TransmitOutput()
    pair.a.lane.transmitter.forgetPaths(at: start, into: &out)
    #expect(pair.a.lane.transmitter.sessions[0].rateReport.window < before)
    #expect(pair.a.lane.transmitter.sessions[0].rate.roundTrip.smoothed == nil)
    #expect(out.events == [.pathChanged(SessionID(0x110), at: start)])
  }

  @Test("tells its receiver of another path, not of another port: both forget the least round trip")
  func tellsOfPaths() {
    func minimum() -> [Interval?] {
      [
        pair.a.lane.transmitter.sessions[0].roundTrip.minimum,
        pair.a.lane.receiver.sessions[0].roundTrip.minimum,
      ]
    }
    let id = SessionID(0x110)
    pair.a.lane.transmitter.sessions[0].roundTrip.sample(.milliseconds(5))
    pair.a.lane.receiver.sessions[0].roundTrip.sample(.milliseconds(5))
    var out = TransmitOutput()
    let port = Endpoint(pair.b.endpoint.address, port: 7)
    pair.a.lane.transmitter.setEndpoint(pair.a.peer, port, at: start, into: &out)
    #expect(out.events.isEmpty && minimum() == [.milliseconds(5), .milliseconds(5)])
    let elsewhere = Endpoint(.v4(IPv4Address(0xc612_0009)), port: 7)
    pair.a.lane.transmitter.setEndpoint(pair.a.peer, elsewhere, at: start, into: &out)
    #expect(out.events == [.pathChanged(id, at: start)])
    pair.a.lane.receiver.pathChanged(id, at: start)
    #expect(minimum() == [nil, nil])
  }

  @Test("keeps what waits while there is no session, before what comes then")
  func survives() {
    pair.a.slowDown()
    let first = send((0..<20 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: start)
    _ = serials(first, at: start)
    pair.a.lane.retire(SessionID(0x110), tell: false, at: start, into: &pair.a.out)
    #expect(send([pair.a.packet(20, to: pair.b)], at: start).isEmpty)
    #expect(drain(from: start, until: start + .seconds(1)).isEmpty)
    let later = start + .seconds(2)
    pair.install(ids: (0x330, 0x440), at: later)
    let records = pair.a.out.records.map(\.bytes)
    #expect(serials(records, at: later) == Array(UInt32(first.count)...20))
  }

  @Test("forgets what waits for a peer that is removed or unreachable", arguments: [true, false])
  func forgets(isRemoved: Bool) {
    pair.a.slowDown()
    _ = send((0..<40 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: start)
    let waiting = pair.a.backlog
    pair.a.lane.retire(SessionID(0x110), tell: false, at: start, into: &pair.a.out)
    if isRemoved {
      pair.a.lane.removePeer(pair.a.peer)
    } else {
      pair.a.lane.setUnreachable(pair.a.peer, true, into: &pair.a.out)
    }
    #expect(pair.a.backlog == 0 && pair.a.counters.queue == UInt64(waiting))
  }

  @Test("sends a flow by the class that was declared for it, until its contact is removed")
  func declared() {
    /// How many queued packets of flow 1 leave before the one of flow 2 that came last.
    func place(at now: Timestamp) -> Int? {
      pair.a.slowDown()
      _ = send((0..<60 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: now)
      _ = send([pair.a.packet(1_000, to: pair.b, flow: 2)], at: now)
      let left = drain(from: now, until: now + .milliseconds(200)).map(\.bytes)
      return serials(left, at: now).firstIndex(of: 1_000)
    }
    let flow = DeclaredFlow(
      isIPv6: true, transport: IPProtocol.udp, localPort: 5000, remotePort: 2)
    pair.a.lane.transmitter.declare(.background, for: flow, of: pair.a.peer)
    #expect(place(at: start) ?? 0 >= 4)
    pair.a.lane.retire(SessionID(0x110), tell: false, at: start, into: &pair.a.out)
    pair.a.lane.removePeer(pair.a.peer)
    pair.a.lane.transmitter.declare(.background, for: flow, of: pair.a.peer)
    pair.a.know(pair.b)
    let later = start + .seconds(1)
    pair.install(ids: (0x330, 0x440), at: later)
    #expect(place(at: later) ?? .max <= 2)
  }

  @Test("wakes to give memory back")
  func wakes() {
    pair.a.slowDown()
    _ = send((0..<40 as Range<UInt32>).map { pair.a.packet($0, to: pair.b) }, at: start)
    _ = drain(from: start, until: start + .seconds(1))
    #expect(pair.a.lane.transmitter.queues.memoryByteCount > 0)
    _ = drain(from: start, until: start + .seconds(24))
    #expect(pair.a.lane.transmitter.queues.memoryByteCount == 0)
  }
}
