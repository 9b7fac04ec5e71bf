import IPv8Wire
import Testing

@testable import P2TP

/// RFC 9000 §13.4.2 and A.4, as far as reports tell.
@Suite("Whether a path takes ECT(0)")
struct ECNValidationTests {
  private func tested(from first: UInt64 = 0) -> ECNValidation {
    var validation = ECNValidation()
    validation.restart(at: first, received: 100, lost: 5)
    for counter in first..<first + 10 {
      #expect(validation.codepoint == ECNValidation.ect0)
      validation.sent(counter)
    }
    #expect(validation.codepoint == ECNValidation.notECT)
    return validation
  }

  @Test("is true once one of the first ten came")
  func capable() {
    var one = tested()
    one.report(3, received: 101, lost: 5)
    #expect(one.state == .capable && one.codepoint == ECNValidation.ect0)
    var two = tested(from: 50)
    // Ten later ones went without: eleven came, so one was of the ten.
    two.report(69, received: 110, lost: 5)
    #expect(two.state == .waiting)
    two.report(69, received: 111, lost: 14)
    #expect(two.state == .capable)
  }

  @Test("is false where all ten are lost and later ones came")
  func failed() {
    var validation = tested()
    validation.report(12, received: 103, lost: 14)
    #expect(validation.state == .waiting, "one may come yet")
    validation.report(12, received: 103, lost: 15)
    #expect(validation.state == .failed && validation.codepoint == ECNValidation.notECT)
    validation.report(13, received: 200, lost: 15)
    #expect(validation.state == .failed)
  }

  @Test("is asked again of another path, not of another session")
  func again() {
    var validation = tested()
    validation.fail()
    validation.follow()
    #expect(validation.state == .failed)
    validation.restart(at: 70, received: 0, lost: 0)
    #expect(validation.state == .testing)
  }
}
