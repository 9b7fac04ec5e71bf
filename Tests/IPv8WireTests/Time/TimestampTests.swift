import IPv8Wire
import TestVectors
import Testing

@Suite("Timestamps")
struct TimestampTests {
  private static let interesting: [UInt64] = [
    0, 1, 999, 1_000_000, UInt64(Int64.max) - 1, UInt64(Int64.max), UInt64(Int64.max) + 1,
    .max - 1, .max,
  ]

  @Test("add and subtract as whole numbers do, and saturate at their ends")
  func arithmetic() {
    var random = TestRandom("Timestamp")
    let values = Self.interesting + (0..<200).map { _ in random.next() }
    for a in values {
      let moment = Timestamp(nanoseconds: a)
      for b in values {
        let step = Interval(nanoseconds: Int64(bitPattern: b))
        let sum = Int128(a) + Int128(step.nanoseconds)
        #expect((moment + step).nanoseconds == UInt64(clamping: sum))
        let difference = Int128(a) - Int128(b)
        let limit = Int128(Int64.max)
        #expect(
          (moment - Timestamp(nanoseconds: b)).nanoseconds
            == Int64(max(-limit, min(limit, difference))))
        #expect((moment < Timestamp(nanoseconds: b)) == (a < b))
      }
    }
  }

  @Test("give whole units, and intervals scale")
  func units() {
    let moment = Timestamp(nanoseconds: 12_345_678_901)
    #expect(moment.microseconds == 12_345_678 && moment.milliseconds == 12_345)
    #expect(moment.seconds == 12)
    #expect(Interval.seconds(2) == .milliseconds(2_000))
    #expect(Interval.milliseconds(3) == .microseconds(3_000))
    #expect(Interval.seconds(1) / 4 * 3 + .milliseconds(250) == .seconds(1))
    #expect(Interval.milliseconds(-3).microseconds == -3_000)
    #expect(Timestamp.distantFuture + .seconds(1) == .distantFuture)
  }
}
