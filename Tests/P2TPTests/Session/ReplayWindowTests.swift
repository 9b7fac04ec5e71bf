import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: sequence numbers, counters; RFC 6479.
@Suite("The replay window")
struct ReplayWindowTests {
  @Test("decides as a set of all counters does, over random jumps", arguments: 0..<20)
  func matchesSet(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var window = ReplayWindow()
    var seen: Set<UInt64> = []
    var highest: UInt64 = 0
    for _ in 0..<5_000 {
      let back = UInt64.random(in: 0...10_000, using: &random)
      let ahead = UInt64.random(in: 0...(random.next() % 20 == 0 ? 20_000 : 80), using: &random)
      let counter = random.next() & 1 == 0 ? highest + ahead : highest - min(back, highest)
      let isInside = counter >= window.next || window.next - counter <= ReplayWindow.span
      let expected = isInside && !seen.contains(counter)
      guard window.accepts(counter) == expected else {
        Issue.record("seed \(seed): counter \(counter), next \(window.next)")
        return
      }
      guard expected else { continue }
      window.mark(counter)
      seen.insert(counter)
      highest = max(highest, counter)
    }
  }

  @Test("expands thirty bits to the counter nearest to the next one", arguments: 0..<10)
  func expands(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let wrap: UInt64 = 1 << 30
    for start in [0, 1, wrap / 2 - 1, wrap / 2, wrap - 1, wrap, 3 * wrap - 5, 1 << 40] {
      var window = ReplayWindow()
      if start > 0 { window.mark(start - 1) }
      for _ in 0..<200 {
        let truncated = UInt32(truncatingIfNeeded: random.next()) & P2TPHeader.fieldMask
        // The definition: of the values that end so, the nearest; of two, the lower one... or none
        // below zero.
        let base = start / wrap * wrap + UInt64(truncated)
        let candidates = [base + wrap, base] + (base >= wrap ? [base - wrap] : [])
        func distance(_ value: UInt64) -> UInt64 { value > start ? value - start : start - value }
        let nearest = candidates.map(distance).min()
        #expect(distance(window.expand(truncated)) == nearest)
        #expect(window.expand(truncated) & (wrap - 1) == UInt64(truncated))
      }
    }
  }

  @Test("accepts counters across the wrap of the header's thirty bits, each once")
  func wraps() {
    var window = ReplayWindow()
    let start: UInt64 = 1 << 30 - 100
    window.mark(start)
    for counter in (start + 1)..<(start + 300) {
      let truncated = UInt32(truncatingIfNeeded: counter) & P2TPHeader.fieldMask
      #expect(window.expand(truncated) == counter)
      #expect(window.accepts(counter))
      window.mark(counter)
      #expect(!window.accepts(counter))
    }
  }
}
