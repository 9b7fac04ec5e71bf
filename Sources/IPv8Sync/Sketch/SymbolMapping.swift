/// Which coded symbols hold an element: symbol 0 always, symbol i with probability 1/(1 + i/2)
/// (Yang, Gilad, Alizadeh: Practical Rateless Set Reconciliation, arXiv 2402.02668, §4.2).
///
/// In IEEE 754 binary64 with roundings as written, so that all peers agree.
struct SymbolMapping {
  private var state: UInt64
  private(set) var index: Int

  @inline(__always)
  init(seed: UInt64) {
    // An even state would lose bits to zero.
    state = seed | 1
    index = 0
  }

  /// To the next symbol that holds the element.
  @inline(__always)
  mutating func advance() {
    state = state &* 0xda94_2042_e4dd_58b5
    let gap = (Double(index) + 1.5) * (4_294_967_296 / (Double(state) + 1).squareRoot() - 1)
    // Beyond 2^31 no symbol is asked for.
    index += max(1, Int(min(gap.rounded(.up), 2_147_483_648)))
  }

  /// The probability that symbol `index` holds a given element.
  static func density(_ index: Int) -> Double { 1 / (1 + Double(index) / 2) }
}
