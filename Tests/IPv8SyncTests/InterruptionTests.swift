import IPv8Wire
import SyncSimulator
import TestVectors
import Testing

@testable import IPv8Sync

@Suite("Sessions that are interrupted, or run while tables change")
struct InterruptionTests {
  @Test(
    "go on after an interruption, and send nothing again",
    arguments: [SyncMethod.rateless, .ranges])
  func interruption(method: SyncMethod) {
    var random = TestRandom("Interruption by \(method)")
    for _ in 0..<12 {
      var limits = SessionTests.generous
      limits.bytesPerSecond = 60_000
      limits.byteBurst = 10_000
      var link = SessionTests.link(
        common: 700, own: (200, 300), newer: (0, 0), limits: limits, &random)
      let union = SessionTests.union(link)
      link.begin(0, session: 1, method: method)
      link.run(for: .milliseconds(Int64(random.next() % 2_500)))
      link.isDown = true
      link.run(for: .milliseconds(Int64(random.next() % 20_000)))
      link.isDown = false
      link.resume()
      link.run()
      #expect(link.peers[0].reports.first?.fault == nil)
      SessionTests.checkAgreement(link, union)
      SessionTests.checkThrift(link)
    }
  }

  @Test("lose no answer that overtakes the state before it")
  func overtaking() {
    var random = TestRandom("Overtaking")
    for _ in 0..<20 {
      var link = SessionTests.link(
        common: 100, own: (0, 300), newer: (0, 0), limits: SessionTests.generous, &random)
      link.faults.jitter = .milliseconds(40)
      // Its first answer is several messages.
      link.begin(0, session: 1, method: .bloom)
      link.run(untilKnown: true)
      #expect((link.knownAt?.milliseconds ?? .max) < 500)
    }
  }

  @Test("ask for a first answer that did not come with the state")
  func missingAnswer() {
    var random = TestRandom("Missing answer")
    var link = SessionTests.link(common: 100, own: (3, 40), newer: (0, 0), &random)
    link.tamper = { _, body in
      guard case .state(let summary?, _) = SyncMessage(body)?.content else { return body }
      return SyncMessage(1, isFromAnswerer: true, .state(summary, answer: [])).body
    }
    link.begin(0, session: 1)
    link.run()
    #expect(link.peers[0].reports.first?.fault == nil)
    SessionTests.checkAgreement(link)
  }

  @Test("begin anew where the other side forgot them, and fetch only what is still lacking")
  func restart() {
    var random = TestRandom("Restart")
    for _ in 0..<12 {
      var limits = SessionTests.generous
      limits.bytesPerSecond = 60_000
      limits.byteBurst = 10_000
      var link = SessionTests.link(
        common: 700, own: (200, 300), newer: (0, 0), limits: limits, &random)
      let union = SessionTests.union(link)
      link.begin(0, session: 1)
      link.run(for: .milliseconds(Int64(random.next() % 2_500)))
      link.peers[1].session = SyncSession(salt: SessionTests.salt, scope: 1, limits: limits)
      link.run()
      let report = link.peers[0].reports.last
      #expect(report?.fault == .refused || report?.fault == nil)
      link.begin(0, session: 2)
      link.run()
      SessionTests.checkAgreement(link, union)
      SessionTests.checkThrift(link)
    }
  }

  @Test("run both ways at once, while both tables change")
  func change() {
    var random = TestRandom("Change")
    for _ in 0..<10 {
      var link = SessionTests.link(
        common: 500, own: (150, 150), newer: (20, 20), faults: SessionTests.rough, &random)
      link.begin(0, session: 1)
      link.begin(1, session: 1)
      for _ in 0..<30 {
        link.run(for: .milliseconds(40))
        for peer in 0..<2 {
          link.peers[peer].put(
            SimulatedRecord(
              signer: SimulatedRecord.signer(random.next() % 300), slot: UInt32(random.next() % 3),
              timestamp: WallTime(
                milliseconds: SessionTests.start + 90_000_000 + random.next() % 9_000_000),
              rest: random.next()))
        }
      }
      link.run()
      for report in link.peers.flatMap(\.reports) where report.isAsker {
        #expect(report.fault == nil)
      }
      link.faults = .init()
      link.begin(0, session: 2)
      link.run()
      SessionTests.checkAgreement(link)
    }
  }
}
