import IPv8Wire
import Testing

@testable import P2TP

@Suite("The bytes that are in flight")
struct SentRecordsTests {
  @Test("are those of a list of all records, as far as few checkpoints know", arguments: 0..<10)
  func matchesList(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var sent = SentRecords()
    var sizes: [Int] = []
    var acknowledged = 0
    for step in 0..<400 {
      for _ in 0..<Int.random(in: 0...80, using: &random) {
        let size = random.next() % 10 == 0 ? 0 : Int.random(in: 40...1_400, using: &random)
        sent.note(UInt64(sizes.count), bytes: size)
        sizes.append(size)
      }
      guard acknowledged < sizes.count, random.next() % 2 == 0 else { continue }
      acknowledged = Int.random(
        in: acknowledged + 1...min(sizes.count, acknowledged + 90), using: &random)
      _ = sent.acknowledge(UInt64(acknowledged - 1))
      let exact = sizes[acknowledged...].reduce(0, +)
      let known = Int(sent.next.bytes - sent.base.bytes)
      // Off by what one stretch between checkpoints may differ from its average.
      guard abs(exact - known) <= 2_800 * Int(sent.spacing) else {
        Issue.record("seed \(seed), step \(step): \(exact) in flight, \(known) known")
        return
      }
      #expect(sent.checkpoints.count <= SentRecords.limit)
    }
    _ = sent.acknowledge(UInt64(sizes.count - 1))
    #expect(sent.next.bytes == sent.base.bytes)
  }

  @Test("are exact while few records are out")
  func exact() {
    var sent = SentRecords()
    for counter in 0..<60 as Range<UInt64> { sent.note(counter, bytes: Int(counter) * 10) }
    for counter in 0..<60 as Range<UInt64> {
      #expect(sent.acknowledge(counter) == counter * 10)
      #expect(sent.acknowledge(counter) == 0)
    }
  }

  @Test("take the report's 32 bits for the newest counter that ends so")
  func expands() {
    var sent = SentRecords()
    #expect(sent.expand(.max) == nil && sent.expand(0) == nil)
    sent.note(0, bytes: 1)
    #expect(sent.expand(0) == 0 && sent.expand(.max) == nil && sent.expand(1) == nil)
    let wrap: UInt64 = 1 << 32
    sent.note(wrap + 4, bytes: 1)
    #expect(sent.expand(4) == wrap + 4 && sent.expand(5) == 5 && sent.expand(.max) == wrap - 1)
  }
}
