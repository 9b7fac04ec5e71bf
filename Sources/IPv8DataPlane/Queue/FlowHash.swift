/// SipHash-2-4 (Aumasson and Bernstein) over words, without memory of its own: which bucket of a queue a
/// flow falls in. Keyed at random, so that nobody can choose flows that fall in another's bucket.
struct FlowHash: Sendable {
  let key: (low: UInt64, high: UInt64)

  private struct State {
    var words: (UInt64, UInt64, UInt64, UInt64)

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
      word << count | word >> (64 - count)
    }

    mutating func round() {
      words.0 &+= words.1
      words.1 = Self.rotate(words.1, 13) ^ words.0
      words.0 = Self.rotate(words.0, 32)
      words.2 &+= words.3
      words.3 = Self.rotate(words.3, 16) ^ words.2
      words.0 &+= words.3
      words.3 = Self.rotate(words.3, 21) ^ words.0
      words.2 &+= words.1
      words.1 = Self.rotate(words.1, 17) ^ words.2
      words.2 = Self.rotate(words.2, 32)
    }

    mutating func take(_ word: UInt64) {
      words.3 ^= word
      round()
      round()
      words.0 ^= word
    }
  }

  /// The hash of the flow's 40 bytes, its words in little-endian order.
  func value(of flow: FlowIdentity) -> UInt64 {
    var state = State(
      words: (
        key.low ^ 0x736f_6d65_7073_6575, key.high ^ 0x646f_7261_6e64_6f6d,
        key.low ^ 0x6c79_6765_6e65_7261, key.high ^ 0x7465_6462_7974_6573
      ))
    state.take(flow.source.high)
    state.take(flow.source.low)
    state.take(flow.destination.high)
    state.take(flow.destination.low)
    state.take(flow.rest)
    state.take(40 << 56)
    state.words.2 ^= 0xff
    for _ in 0..<4 { state.round() }
    return state.words.0 ^ state.words.1 ^ state.words.2 ^ state.words.3
  }
}
