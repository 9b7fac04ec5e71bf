import IPv8Crypto
import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: records. The sides of a session may live on two threads.
@Suite("What the inbound side of a session has learnt")
struct ReceptionTests {
  @Test("leads to the same records told in batches as told at once", arguments: 0..<20)
  func late(seed: UInt64) {
    var trial = ReceptionTrial(seed: seed)
    for step in 0..<400 {
      if let difference = trial.step() {
        Issue.record("seed \(seed), step \(step): \(difference)")
        return
      }
    }
    #expect(trial.records > 200 && trial.prompt.received > 1000)
    #expect(trial.prompt.reductions > 0)
    #expect(trial.prompt.reportedLost > 0)
    #expect(trial.late.receptions * 3 < trial.prompt.receptions * 2, "it was told late")
  }

  @Test("of data is answered within 10 s of the first packet, not of the last one told")
  func answer() {
    let (one, two) = SessionTests.pair(.chaCha20Poly1305)
    let (peer, end) = (SessionEnd(one), SessionEnd(two, isLate: true))
    _ = end.opened(peer.sealed([0x60], at: Moment.after(0).boot), at: Moment.after(0).boot)
    _ = end.sealed([0x60], at: Moment.after(1).boot)
    for time in [100, 200, 300] as [Int64] {
      let now = Moment.after(time).boot
      _ = end.opened(peer.sealed([0x60], at: now), at: now)
    }
    end.tellAll(at: Moment.after(400).boot)
    #expect(end.answerBy == Moment.after(10_100).boot)
  }

  @Test("is no longer owed an answer that has left since, told when it may")
  func answered() {
    let (one, two) = SessionTests.pair(.chaCha20Poly1305, cookie: nil)
    let (peer, end) = (SessionEnd(one), SessionEnd(two, isLate: true))
    for time in [0, 100] as [Int64] {
      let now = Moment.after(time).boot
      _ = end.opened(peer.sealed([0x60], at: now), at: now)
    }
    _ = end.sealed([0x60], at: Moment.after(200).boot)
    end.tellAll(at: Moment.after(300).boot)
    #expect(end.answerBy == nil)
    #expect(end.unheardSince == Moment.after(200).boot, "it said nothing since")
  }
}

/// A peer that sends over a bad network to two ends of one session, which differ only in when the
/// outbound side hears; whatever they send is compared.
private struct ReceptionTrial {
  let prompt: SessionEnd
  let late: SessionEnd
  private let peer: SessionEnd
  private var random: SeededRandom
  private var now = Moment.after(0).boot
  private var source = Endpoint.test(1)
  /// Records of either end so far.
  private(set) var records = 0

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    let (one, two) = SessionTests.pair(.chaCha20Poly1305, cookie: seed % 4 < 2 ? 77 : nil)
    let (own, other) = seed % 2 == 0 ? (one, two) : (two, one)
    prompt = SessionEnd(own)
    late = SessionEnd(own, isLate: true)
    peer = SessionEnd(other)
  }

  private mutating func happens(_ oneIn: Int) -> Bool {
    Int.random(in: 0..<oneIn, using: &random) == 0
  }

  /// Some time passes, records arrive, and either end may send; how what they send differs.
  mutating func step() -> String? {
    let pause =
      happens(100)
      ? Int64.random(in: 1_000_000...8_000_000, using: &random)
      : Int64.random(in: 0...30_000, using: &random)
    now = now + .microseconds(pause)
    for end in [prompt, late] { end.expireLoss(at: now) }
    for record in peerRecords() {
      let ecn: UInt8 = happens(50) ? 3 : 0
      _ = prompt.opened(record, from: source, ecn: ecn, at: now)
      _ = late.opened(record, from: source, ecn: ecn, at: now)
      now = now + .microseconds(Int64.random(in: 0...50, using: &random))
    }
    guard happens(4) else { return nil }
    for end in [prompt, late] { end.expireLoss(at: now) }
    late.tellAll(at: now)
    return act()
  }

  /// What arrives of what the peer sends: with losses, copies and changes of order.
  private mutating func peerRecords() -> [[UInt8]] {
    if happens(100) { source = .test(UInt32.random(in: 1...9, using: &random)) }
    var sent: [[UInt8]] = []
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let packet = [UInt8](repeating: 0x60, count: Int.random(in: 1...60, using: &random))
      sent.append(happens(8) ? peer.reported(packet, at: now) : peer.sealed(packet, at: now))
    }
    if peer.advance(to: now).contains(.record) { sent.append(peer.reported(at: now)) }
    var arriving: [[UInt8]] = []
    for record in sent where !happens(30) {
      if happens(20), !arriving.isEmpty {
        arriving.insert(record, at: Int.random(in: 0...arriving.count, using: &random))
      } else {
        arriving.append(record)
      }
      if happens(40) { arriving.append(record) }
    }
    return arriving
  }

  /// Both ends do what is due and send some data.
  private mutating func act() -> String? {
    if prompt.outbound.nextDeadline != late.outbound.nextDeadline { return "deadlines" }
    let due = prompt.advance(to: now)
    if late.advance(to: now) != due { return "due" }
    if due.contains(.record) {
      let record = prompt.reported(at: now)
      if record != late.reported(at: now) { return "report" }
      deliver(record)
    }
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let packet = [UInt8](repeating: 0x60, count: Int.random(in: 1...60, using: &random))
      let record = prompt.sealed(packet, at: now)
      if record != late.sealed(packet, at: now) { return "data" }
      deliver(record)
    }
    return difference
  }

  private mutating func deliver(_ record: [UInt8]) {
    records += 1
    guard !happens(30) else { return }
    _ = peer.opened(record, ecn: happens(50) ? 3 : 0, at: now)
  }

  private var difference: String? {
    if prompt.roundTrip != late.roundTrip { return "round trip" }
    if prompt.outbound.peerFeedback != late.outbound.peerFeedback { return "the peer's report" }
    if prompt.outbound.rate.reductions != late.outbound.rate.reductions { return "reductions" }
    if prompt.outbound.lossRatio != late.outbound.lossRatio { return "loss ratio" }
    if prompt.outbound.lastHeard != late.outbound.lastHeard { return "last heard" }
    return prompt.outbound.lastData == late.outbound.lastData ? nil : "last data"
  }
}
