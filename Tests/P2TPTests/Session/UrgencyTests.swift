import IPv8Crypto
import IPv8Wire
import Testing

@testable import P2TP

/// When the outbound side of a session must be woken for what the inbound side has learnt.
@Suite("What is urgent of a session's records")
struct UrgencyTests {
  private let peer: SessionEnd
  private let end: SessionEnd
  private let now = Moment.after(100).boot

  init() {
    let (one, two) = SessionTests.pair(.chaCha20Poly1305, cookie: nil)
    (peer, end) = (SessionEnd(one), SessionEnd(two, isLate: true))
  }

  /// Whether a record of the peer makes the end's news urgent; they are told then.
  private func isUrgent(
    _ record: [UInt8], from source: Endpoint = .test(1), ecn: UInt8 = 0
  ) -> Bool {
    let before = end.receptions
    _ = end.opened(record, from: source, ecn: ecn, at: now)
    return end.receptions > before
  }

  /// A record of no data.
  private func record() -> [UInt8] { peer.sealed([], isData: false, at: now) }

  @Test("is the first record, and no later one for what it is")
  func first() {
    #expect(isUrgent(record()))
    for _ in 0..<1000 { #expect(!isUrgent(record())) }
  }

  @Test("is every 1024th record")
  func forced() {
    _ = isUrgent(record())
    for _ in 0..<3 {
      for _ in 1..<1024 { #expect(!isUrgent(record())) }
      #expect(isUrgent(record()))
    }
  }

  @Test("is every second record with data where few come in a round trip")
  func unreported() {
    _ = isUrgent(record())
    for _ in 0..<3 {
      #expect(!isUrgent(peer.sealed([0x60], at: now)))
      #expect(isUrgent(peer.sealed([0x60], at: now)))
    }
  }

  @Test("is one record with data once it is old enough to be reported")
  func unreportedLong() {
    _ = isUrgent(record())
    #expect(!isUrgent(peer.sealed([0x60], at: now)))
    let due = now + .microseconds(12_500)
    #expect(end.nextDeadline == due)
    let before = end.receptions
    end.expireLoss(at: due)
    #expect(end.receptions == before + 1)
    #expect(end.outbound.advance(to: due) == .record)
  }

  @Test("is a report of the peer, for which data may wait")
  func report() {
    _ = isUrgent(record())
    #expect(isUrgent(peer.reported(at: now)))
  }

  @Test("is a record from elsewhere that is the newest, once")
  func source() {
    _ = isUrgent(record())
    let older = record()
    #expect(!isUrgent(record()))
    #expect(!isUrgent(older, from: .test(5)), "an older one says nothing")
    #expect(isUrgent(record(), from: .test(5)))
    #expect(!isUrgent(record(), from: .test(5)))
    #expect(isUrgent(record()), "back again")
  }

  @Test("is the peer's LSS when it rises, not while it stays or when it falls")
  func peerLSS() {
    _ = isUrgent(record())
    for _ in 0..<3 {
      peer.outbound.lss = true
      #expect(isUrgent(record()))
      #expect(!isUrgent(record()))
      peer.outbound.lss = false
      #expect(!isUrgent(record()))
      end.tellAll(at: now)
      #expect(!isUrgent(record()))
    }
  }

  @Test("is our own LSS when it changes: a loss, Congestion Experienced, the peer's answer")
  func ownLSS() {
    func answer(_ lss: Bool) -> [UInt8] {
      _ = peer.outbound.reduction.see(lss: lss)
      return record()
    }
    _ = isUrgent(record())
    #expect(!isUrgent(answer(false)), "CLR=0 with no loss pending")
    #expect(isUrgent(record(), ecn: 3))
    #expect(end.lss)
    #expect(!isUrgent(record(), ecn: 3), "of the same event")
    #expect(isUrgent(answer(true)))
    #expect(!end.lss)
    #expect(!isUrgent(answer(false)))
    _ = record()
    #expect(!isUrgent(record()), "a gap may close yet")
    let before = end.receptions
    end.expireLoss(at: now + .milliseconds(101))
    #expect(end.receptions > before && end.lss)
  }

  @Test("is each of our cookies that returns, in the first five seconds")
  func cookie() {
    let (one, two) = SessionTests.pair(.chaCha20Poly1305)
    let (peer, end) = (SessionEnd(one), SessionEnd(two, isLate: true))
    for time in [0, 100, 4999] as [Int64] {
      let at = Moment.after(time).boot
      let before = end.receptions
      _ = end.opened(peer.sealed([0x60], at: at), at: at)
      #expect(end.receptions == before + 1)
    }
    let late = Moment.after(5000).boot
    _ = end.opened(peer.sealed([0x60], at: late), at: late)
    #expect(end.receptions == 3)
  }
}
