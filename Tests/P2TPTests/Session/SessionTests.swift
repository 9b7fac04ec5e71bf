import IPv8Crypto
import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: records, lifetimes, the YTS choice.
@Suite("A session")
struct SessionTests {
  static let suites = AEADSuite.allCases.filter {
    AEADOffer.local.contains(AEADOffer(rawValue: 1 << $0.rawValue))
  }

  /// The initiator's and the responder's session.
  ///
  /// - Parameter cookie: that the initiator returns until it hears a record.
  static func pair(
    _ suite: AEADSuite, cookie: UInt32? = 77
  ) -> (EstablishedSession, EstablishedSession) {
    var entropy = Entropy.seeded(9)
    let (one, two) = (entropy.secret(32), entropy.secret(32))
    func end(_ role: EstablishedSession.Role) -> EstablishedSession {
      let first = role == .initiator
      return EstablishedSession(
        localID: SessionID(first ? 0x110 : 0x220), remoteID: SessionID(first ? 0x220 : 0x110),
        role: role,
        suite: suite, peerCapabilities: .local, sendKey: first ? one : two,
        receiveKey: first ? two : one,
        establishedAt: Moment.after(0).boot, endpoint: .test(first ? 2 : 1),
        returnCookie: first ? cookie : nil, issuedCookies: first ? [] : [77],
        clockOffset: 0xffff_ff00, roundTrip: nil, peerBinding: nil, handshakeTime: nil)
    }
    return (end(.initiator), end(.responder))
  }

  @Test("refuses a record with any one bit of header, id, text or tag flipped", arguments: suites)
  func refusesFlips(suite: AEADSuite) {
    let (one, two) = Self.pair(suite)
    let (sender, receiver) = (SessionEnd(one), SessionEnd(two))
    let now = Moment.after(10).boot
    let record = sender.sealed([1, 2, 3, 4, 5], at: now)
    for bit in 0..<record.count * 8 {
      var flipped = record
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      if case .accepted = receiver.opened(flipped, at: now) { Issue.record("bit \(bit)") }
    }
    #expect(receiver.received == 0)
    #expect(receiver.opened(record, at: now) == .accepted(first: true, newest: true))
  }

  @Test("refuses a record cut at any length, and one that is longer", arguments: suites)
  func refusesTruncation(suite: AEADSuite) {
    let (one, two) = Self.pair(suite)
    let (sender, receiver) = (SessionEnd(one), SessionEnd(two))
    let now = Moment.after(10).boot
    let record = sender.sealed([1, 2, 3, 4, 5], at: now)
    for length in 0..<record.count {
      #expect(receiver.opened([UInt8](record.prefix(length)), at: now) == .forged)
    }
    #expect(receiver.opened(record + [0], at: now) == .forged)
    #expect(receiver.opened(record, at: now) == .accepted(first: true, newest: true))
  }

  @Test("refuses a replay, and a record of its own direction", arguments: suites)
  func refusesReplay(suite: AEADSuite) {
    let (one, two) = Self.pair(suite)
    let (sender, receiver) = (SessionEnd(one), SessionEnd(two))
    let now = Moment.after(10).boot
    let records = (0..<3).map { _ in sender.sealed([9], at: now) }
    #expect(receiver.opened(records[2], at: now) == .accepted(first: true, newest: true))
    #expect(receiver.opened(records[0], at: now) == .accepted(first: false, newest: false))
    #expect(receiver.opened(records[0], at: now) == .replayed)
    #expect(receiver.opened(records[2], at: now) == .replayed)
    #expect(sender.opened(records[1], at: now) == .forged)
    #expect(receiver.received == 2)
  }

  @Test("seals and opens nothing from the age of 180 s", arguments: suites)
  func expires(suite: AEADSuite) {
    let (one, two) = Self.pair(suite)
    let (sender, receiver) = (SessionEnd(one), SessionEnd(two))
    let last = sender.sealed([1], at: Moment.after(179_999).boot)
    #expect(!last.isEmpty)
    #expect(sender.sealed([1], at: Moment.after(180_000).boot).isEmpty)
    #expect(receiver.opened(last, at: Moment.after(180_000).boot) == .expired)
    #expect(receiver.advance(to: Moment.after(180_000).boot) == .expired)
  }

  @Test("asks for fresh keys once: the initiator at 120 s, the responder at 165 s")
  func rekeys() {
    let (one, two) = Self.pair(.chaCha20Poly1305)
    for (established, due): (EstablishedSession, Int64) in [(one, 120_000), (two, 165_000)] {
      let session = SessionEnd(established)
      #expect(!session.takeRekeyDue(at: Moment.after(due - 1).boot))
      #expect(session.takeRekeyDue(at: Moment.after(due).boot))
      #expect(!session.takeRekeyDue(at: Moment.after(due + 1).boot))
    }
  }

  @Test("that is superseded answers, but asks for no keys, keepalive or handshake")
  func superseded() {
    let (one, _) = Self.pair(.chaCha20Poly1305)
    let session = SessionEnd(one)
    session.outbound.isSuperseded = true
    #expect(!session.takeRekeyDue(at: Moment.after(170_000).boot))
    #expect(session.nextDeadline == Moment.after(180_000).boot)
    session.noteData(1, at: Moment.after(1000).boot)
    #expect(session.nextDeadline == Moment.after(11_000).boot)
    #expect(session.advance(to: Moment.after(11_000).boot) == .record)
  }

  @Test("is told once that the peer is silent 15 s after data without an answer")
  func silence() {
    let (_, two) = Self.pair(.chaCha20Poly1305)
    let session = SessionEnd(two)
    _ = session.sealed([1], at: Moment.after(1000).boot)
    #expect(!session.advance(to: Moment.after(15_999).boot).contains(.silent))
    #expect(session.advance(to: Moment.after(16_000).boot).contains(.silent))
    #expect(!session.advance(to: Moment.after(17_000).boot).contains(.silent))
  }

  @Test("never wants to be woken for what is done: ten idle minutes take few records")
  func cadence() {
    let (one, two) = Self.pair(.chaCha20Poly1305)
    let (a, b) = (SessionEnd(one), SessionEnd(two))
    var records = 0
    var wakes = 0
    var now = Moment.after(0).boot
    var inFlight: [(at: Timestamp, toB: Bool, bytes: [UInt8])] = [
      (now + .milliseconds(20), true, a.sealed([], isData: false, at: now))
    ]
    while now < Moment.after(179_000).boot, wakes < 10_000 {
      wakes += 1
      let due = min(a.nextDeadline, b.nextDeadline)
      now = max(now, min(due, inFlight.first?.at ?? .distantFuture))
      while let next = inFlight.first, next.at <= now {
        inFlight.removeFirst()
        if next.toB { _ = b.opened(next.bytes, at: now) } else { _ = a.opened(next.bytes, at: now) }
      }
      func record(_ session: SessionEnd, toB: Bool) {
        guard session.nextDeadline <= now, session.advance(to: now).contains(.record) else {
          return
        }
        var frames: [UInt8] = []
        session.outbound.appendFeedback(to: &frames, at: now)
        records += 1
        inFlight.append(
          (now + .milliseconds(20), toB, session.sealed(frames, isData: false, at: now)))
      }
      record(a, toB: true)
      record(b, toB: false)
    }
    #expect(records <= 20 && wakes <= 80, "\(records) records, \(wakes) wakes")
  }

  @Test("measures the round trip through the peer's echo, without the time it was held")
  func roundTrip() {
    let (one, two) = Self.pair(.chaCha20Poly1305)
    let (a, b) = (SessionEnd(one), SessionEnd(two))
    var now = Moment.after(0).boot
    for _ in 0..<20 {
      _ = b.opened(a.sealed([1], at: now), at: now + .milliseconds(20))
      _ = a.opened(b.sealed([1], at: now + .milliseconds(20)), at: now + .milliseconds(40))
      now = now + .milliseconds(100)
    }
    #expect(a.roundTrip.minimum.map { (39_900...40_100).contains($0.microseconds) } == true)
  }

  @Test("forgets the least round trip on another path, and what answers records of the old one")
  func pathChanges() {
    let (one, two) = Self.pair(.chaCha20Poly1305)
    let (a, b) = (SessionEnd(one), SessionEnd(two))
    var now = Moment.after(0).boot
    func exchange(_ delay: Interval, changing: Bool = false) {
      let record = a.sealed([1], at: now)
      if changing {
        a.inbound.pathChanged(at: now + .microseconds(1))
        a.outbound.pathChanged(isRebinding: false, at: now + .microseconds(1))
      }
      _ = b.opened(record, at: now + delay)
      _ = a.opened(b.sealed([1], at: now + delay), at: now + delay * 2)
      now = now + .milliseconds(100)
    }
    for _ in 0..<5 { exchange(.milliseconds(5)) }
    let before = a.roundTrip
    #expect(before.minimum.map { (9_900...10_100).contains($0.microseconds) } == true)
    exchange(.milliseconds(4), changing: true)
    #expect(a.roundTrip.minimum == nil && a.roundTrip.smoothed == before.smoothed)
    for _ in 0..<5 { exchange(.milliseconds(20)) }
    #expect(a.roundTrip.minimum.map { (39_900...40_100).contains($0.microseconds) } == true)
  }
}

@Suite("The clock of open sessions")
struct OpenClockTests {
  @Test("measures across its wrap, up to a minute")
  func wraps() {
    for offset in [0, 1, 0x3fff_ffff, 0xffff_ffff] as [UInt32] {
      let clock = OpenClock(offset: offset)
      for start in [0, 1_073_741_823, 1_073_741_824, 5_000_000_000] as [Int64] {
        let now = Timestamp(nanoseconds: 0) + .microseconds(start)
        let value = clock.value(at: now)
        #expect(value <= P2TPHeader.fieldMask)
        for age in [0, 1, 59_999_999, 60_000_000] as [Int64] {
          #expect(clock.elapsed(since: value, at: now + .microseconds(age)) == .microseconds(age))
        }
        #expect(clock.elapsed(since: value, at: now + .microseconds(60_000_001)) == nil)
      }
    }
  }
}

@Suite("Round-trip statistics")
struct RoundTripTests {
  @Test("follow RFC 6298's formulas and ignore samples that cannot be")
  func formulas() {
    var statistics = RoundTrip()
    statistics.sample(.milliseconds(100))
    #expect(statistics.smoothed == .milliseconds(100) && statistics.variation == .milliseconds(50))
    statistics.sample(.milliseconds(200))
    #expect(statistics.smoothed == .microseconds(112_500))
    #expect(statistics.variation == .microseconds(62_500))
    statistics.sample(.zero)
    statistics.sample(.milliseconds(-5))
    #expect(statistics.minimum == .milliseconds(100) && statistics.latest == .milliseconds(200))
  }
}
