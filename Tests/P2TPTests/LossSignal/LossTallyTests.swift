import IPv8Wire
import Testing

@testable import P2TP

@Suite struct LossTallyTests {
  private func report(_ received: UInt32, _ lost: UInt32) -> Feedback {
    Feedback(
      highest: 0, received: received, lost: lost, congestionExperienced: 0, hold: 0, flags: 0)
  }

  @Test("each report adds what it tells beyond those before it")
  func additions() {
    var tally = LossTally()
    #expect(tally.advance(to: report(10, 1), sent: .max) == RecordCount(arrived: 10, lost: 1))
    #expect(tally.advance(to: report(10, 1), sent: .max) == RecordCount())
    #expect(tally.advance(to: report(25, 4), sent: .max) == RecordCount(arrived: 15, lost: 3))
  }

  @Test("the counts go on where they wrap, and a report that was overtaken adds nothing")
  func wrapping() {
    var tally = LossTally()
    _ = tally.advance(to: report(.max / 2, .max / 4), sent: .max)
    _ = tally.advance(to: report(.max - 1, .max / 2), sent: .max)
    #expect(tally.advance(to: report(3, .max / 2), sent: .max) == RecordCount(arrived: 5, lost: 0))
    #expect(tally.advance(to: report(1, .max / 2), sent: .max) == RecordCount())
    #expect(
      tally.advance(to: report(4, .max / 2 + 1), sent: .max) == RecordCount(arrived: 1, lost: 1))
  }

  @Test("no more is told than was sent, whatever the peer reports")
  func lies() {
    var tally = LossTally()
    #expect(tally.advance(to: report(900, 900), sent: 100) == RecordCount(arrived: 100, lost: 0))
    #expect(tally.advance(to: report(1_900, 900), sent: 150) == RecordCount(arrived: 50, lost: 0))
    #expect(tally.advance(to: report(1_900, 2_000), sent: 160) == RecordCount(arrived: 0, lost: 10))
  }
}
