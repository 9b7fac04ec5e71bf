import IPv8Wire
import Testing

@testable import IPv8DataPlane

/// docs/protocol/paths.md.
@Suite("A peer's path")
struct PeerPathTests {
  private let start = Timestamp(nanoseconds: 5_000_000_000)
  private let home = Endpoint(.v4(IPv4Address(0xc612_0001)), port: 1)
  private let near = Endpoint(.v4(IPv4Address(0x0a00_0002)), port: 2)
  private let relay: Endpoint

  init() throws {
    relay = Endpoint(.relay(PeerIndex(3), tag: try #require(RelayTag(77))))
  }

  private func heard(
    _ path: inout PeerPath, from source: Endpoint, sign: PeerPath.Sign = .data, at now: Timestamp
  ) -> Bool {
    path.heard(
      from: source, byteCount: 100, newest: true, sign: sign, last: now, at: now, token: 9)
  }

  // MARK: Following

  @Test("that is alive follows data of the same or a better class, and no worse one")
  func follows() {
    var path = PeerPath(relay)
    let first = heard(&path, from: relay, at: start)
    let better = heard(&path, from: home, at: start)
    #expect(!first && better && path.tentative?.endpoint == home)
    let moved = path.returned(9, at: start)
    #expect(moved == home)
    let worse = heard(&path, from: relay, at: start)
    let same = heard(&path, from: near, at: start)
    #expect(!worse && same)
  }

  @Test("follows to a worse class at once where the peer says that it is there")
  func followsWhoSaysSo() {
    var path = PeerPath(home)
    _ = heard(&path, from: home, at: start)
    let follows = heard(&path, from: relay, sign: .here, at: start)
    #expect(follows && path.tentative?.endpoint == relay)
  }

  @Test("that the peer says it left may still bring its answers, and goes on with its data alone")
  func answersByTheOldWay() {
    for sign in [PeerPath.Sign.data, .here] {
      var path = PeerPath(relay)
      _ = heard(&path, from: relay, at: start)
      _ = heard(&path, from: home, sign: sign, at: start)
      _ = heard(&path, from: relay, sign: .probe, at: start)
      #expect(path.tentative?.endpoint == (sign == .here ? home : nil))
      _ = heard(&path, from: relay, sign: .data, at: start)
      #expect(path.tentative == nil)
    }
  }

  @Test("that is mistrusted is kept if it answers, and left for what answers in its stead")
  func mistrusts() {
    for answers in [true, false] {
      var path = PeerPath(home)
      path.note(relay, at: start)
      path.mistrust(smoothed: .milliseconds(40), at: start)
      let early = path.proved(
        relay, roundTrip: .milliseconds(50), smoothed: nil, at: start + .milliseconds(50))
      if answers { _ = heard(&path, from: home, at: start + .milliseconds(55)) }
      let step =
        answers
        ? .wait : path.advanceDoubt(smoothed: .milliseconds(40), at: start + .milliseconds(60))
      #expect(early == nil && step == (answers ? .wait : .moved(relay)))
      #expect(path.current == (answers ? home : relay) && path.doubt == nil)
    }
  }

  @Test("does not follow a mere probe while it is alive, and does once it is not")
  func ignoresProbes() {
    var path = PeerPath(home)
    _ = heard(&path, from: home, at: start)
    let early = heard(&path, from: near, sign: .probe, at: start + .milliseconds(999))
    let late = heard(&path, from: near, sign: .probe, at: start + .milliseconds(1000))
    #expect(!early && late)
  }

  @Test("follows even to a worse class when the current way has fallen silent")
  func followsToWorse() {
    var path = PeerPath(home)
    _ = heard(&path, from: home, at: start)
    let follows = heard(&path, from: relay, at: start + .seconds(1))
    #expect(follows)
  }

  // MARK: Choosing

  @Test("moves to a proven endpoint of a better class at once, and never to a worse one")
  func upgrades() {
    var path = PeerPath(relay, isChooser: false)
    let up = path.proved(home, roundTrip: .seconds(1), smoothed: .milliseconds(1), at: start)
    let down = path.proved(relay, roundTrip: .milliseconds(1), smoothed: .seconds(1), at: start)
    #expect(up == home && down == nil && path.current == home)
  }

  @Test(
    "moves within a class only where it chooses, to what was clearly faster twice",
    arguments: [true, false])
  func choosesWithinClass(isChooser: Bool) {
    var path = PeerPath(home, isChooser: isChooser)
    func prove(_ milliseconds: Int64) -> Endpoint? {
      path.proved(
        near, roundTrip: .milliseconds(milliseconds), smoothed: .milliseconds(30), at: start)
    }
    // 25 is not 5 ms less, 24 is a fifth less; a slow answer in between begins anew.
    let outcomes = [prove(25), prove(23), prove(25), prove(23), prove(23)]
    #expect(outcomes == [nil, nil, nil, nil, isChooser ? near : nil])
  }

  @Test("asks a better class again every ten seconds of use")
  func asksForUpgrades() {
    var path = PeerPath(home)
    path.note(home, at: start)
    path.move(to: relay, at: start)
    let due = path.nextDeadline
    #expect(due == start + .seconds(10))
    let early = path.upgradesDue(isInUse: true, at: start + .seconds(9))
    let asked = path.upgradesDue(isInUse: true, at: start + .seconds(10))
    let idle = path.upgradesDue(isInUse: false, at: start + .seconds(20))
    #expect(early == [] && asked == [home] && idle == [])
  }

  @Test("survives a new session while it is alive and no worse than the handshake's")
  func keepsOnRekey() {
    var path = PeerPath(home)
    _ = heard(&path, from: home, at: start)
    path.opened(at: relay, now: start + .seconds(2))
    #expect(path.current == home)
    path.opened(at: relay, now: start + .seconds(3))
    #expect(path.current == relay)
  }

  // MARK: Doubt

  @Test("is doubted after three round trips of silence, within 300 ms and 2 s")
  func becomesDoubtful() {
    let path = PeerPath(home)
    for (smoothed, patience) in [(10, 300), (200, 600), (5_000, 2_000)] as [(Int64, Int64)] {
      let due = path.doubtDue(unheardSince: start, smoothed: .milliseconds(smoothed))
      #expect(due == start + .milliseconds(patience))
    }
    #expect(path.doubtDue(unheardSince: nil, smoothed: nil) == nil)
  }

  @Test("in doubt moves to what answered, but not before the current one had its time")
  func settlesDoubt() {
    var path = PeerPath(home)
    path.note(relay, at: start)
    let smoothed = Interval.milliseconds(100)
    let asked = path.advanceDoubt(smoothed: smoothed, at: start)
    #expect(asked == .ask([home, relay], isLost: false))
    let tooEarly = path.proved(
      relay, roundTrip: smoothed, smoothed: smoothed, at: start + .milliseconds(149))
    #expect(tooEarly == nil && path.current == home)
    let step = path.advanceDoubt(smoothed: smoothed, at: start + .milliseconds(150))
    #expect(step == .moved(relay) && path.current == relay && path.doubt == nil)
  }

  @Test("is lost at once where its way is gone, and found as soon as another answers")
  func isGone() {
    var path = PeerPath(home)
    path.note(home, at: start)
    path.note(relay, at: start)
    path.forget(relay, at: start)
    #expect(path.proven.map(\.endpoint) == [home] && path.doubt == nil)
    path.note(relay, at: start)
    path.forget(home, at: start)
    #expect(path.isLost && path.proven.map(\.endpoint) == [relay])
    // What is told late of records that came before ends no doubt.
    _ = heard(&path, from: home, at: start)
    #expect(path.isLost)
    let found = path.proved(relay, roundTrip: .zero, smoothed: nil, at: start + .milliseconds(1))
    #expect(found == relay && !path.isLost)
  }

  @Test("in doubt stays where it is once the current endpoint is heard")
  func overcomesDoubt() {
    var path = PeerPath(home)
    path.note(relay, at: start)
    _ = path.advanceDoubt(smoothed: .milliseconds(100), at: start)
    _ = path.proved(
      relay, roundTrip: .milliseconds(20), smoothed: .milliseconds(100),
      at: start + .milliseconds(20))
    _ = heard(&path, from: home, at: start + .milliseconds(100))
    #expect(path.current == home && path.doubt == nil)
  }

  @Test("is lost after a second without any answer, which is told once")
  func isLost() {
    var path = PeerPath(home)
    var now = start
    var told: [Timestamp] = []
    while now < start + .seconds(20) {
      if case .ask(_, isLost: true) = path.advanceDoubt(smoothed: .milliseconds(100), at: now) {
        told.append(now)
      }
      now = path.doubtDue(unheardSince: start, smoothed: nil) ?? now + .seconds(60)
    }
    #expect(told.count == 1)
    #expect((told.first ?? start) >= start + .seconds(1) && path.isLost)
  }

  @Test("remembers no more proven endpoints than its limit, the latest ones")
  func isBounded() {
    var path = PeerPath(home)
    for port in 0..<100 {
      path.note(
        Endpoint(home.address, port: UInt16(1000 + port)), at: start + .seconds(Int64(port)))
    }
    #expect(path.proven.map(\.endpoint.port) == (1084..<1100).map { UInt16($0) })
  }
}
