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
    #expect(tally.advance(to: report(10, 1)) == RecordCount(arrived: 10, lost: 1))
    #expect(tally.advance(to: report(10, 1)) == RecordCount())
    #expect(tally.advance(to: report(25, 4)) == RecordCount(arrived: 15, lost: 3))
  }

  @Test("the counts go on where they wrap, and a report that was overtaken adds nothing")
  func wrapping() {
    var tally = LossTally()
    _ = tally.advance(to: report(.max / 2, .max / 4))
    _ = tally.advance(to: report(.max - 1, .max / 2))
    #expect(tally.advance(to: report(3, .max / 2)) == RecordCount(arrived: 5, lost: 0))
    #expect(tally.advance(to: report(1, .max / 2)) == RecordCount())
    #expect(tally.advance(to: report(4, .max / 2 + 1)) == RecordCount(arrived: 1, lost: 1))
  }
}
