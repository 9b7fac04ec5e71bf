import SyncSimulator
import TestVectors
import Testing

@testable import IPv8Sync

@Suite("What sessions cost, in bytes and round trips")
struct SessionCostTests {
  @Test("cost 64 bytes at most where the tables are equal", arguments: SyncMethod.allCases)
  func equality(method: SyncMethod) {
    var random = TestRandom("Equal tables by \(method)")
    for count in [0, 1, 2_000] {
      var link = SessionTests.link(common: count, own: (0, 0), newer: (0, 0), &random)
      link.begin(0, session: random.integer(), method: method)
      link.run()
      #expect(link.peers[0].reports.first?.isEqual == true)
      #expect(link.peers[1].reports.first?.isEqual == true)
      let bytes = link.bytes[0] + link.bytes[1]
      if method != .bloom { #expect(bytes <= 64, "\(bytes) bytes") }
    }
  }

  /// Until the differences are known, with the heads of all frames.
  private static func reconciliationBytes(_ link: SimulatedLink) -> Int {
    [1, 2, 3, 4].reduce(0) { $0 + (link.bytesByType[$1] ?? 0) }
  }

  @Test(
    "by symbols cost 25 bytes a difference at most, whatever the table's size",
    arguments: [(10, 6), (100, 60), (1_000, 6)], [0, 1_000])
  func cost(differences: (number: Int, runs: Int), common: Int) {
    var random = TestRandom("Cost of \(differences.number) differences beside \(common)")
    var bytes = 0
    for _ in 0..<differences.runs {
      let mine = Int(random.next() % UInt64(differences.number + 1))
      var link = SessionTests.link(
        common: common, own: (mine, differences.number - mine), newer: (0, 0), &random)
      link.begin(0, session: random.integer())
      link.run()
      #expect(link.peers[0].reports.first?.fault == nil)
      bytes += Self.reconciliationBytes(link)
    }
    let each = Double(bytes) / Double(differences.number * differences.runs)
    #expect(each <= 25, "\(each) bytes a difference")
  }

  @Test("by symbols know up to 11 differences from the first answer")
  func fewDifferences() {
    var random = TestRandom("Few differences")
    for number in 1...PowerSums.capacity {
      let mine = Int(random.next() % UInt64(number + 1))
      var link = SessionTests.link(common: 500, own: (mine, number - mine), newer: (0, 0), &random)
      link.begin(0, session: random.integer())
      link.run(untilKnown: true)
      #expect(link.messagesUntilKnown == 2 && link.knownAt?.milliseconds == 100)
      #expect(Self.reconciliationBytes(link) == 209)
      link.run()
      SessionTests.checkAgreement(link)
      SessionTests.checkThrift(link)
    }
  }
}
