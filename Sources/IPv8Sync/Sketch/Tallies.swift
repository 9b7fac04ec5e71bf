/// How many elements some of the first symbols hold, modulo 256: how far those of two sets lie
/// apart tells about how many differences there are.
struct Tallies: Equatable, Sendable {
  static let symbols = 4..<20
  static let byteCount = symbols.count

  private var counts = [UInt8](repeating: 0, count: byteCount)

  init() {}

  /// - Parameter bytes: ``byteCount`` of them from `offset` on.
  init(_ bytes: ArraySlice<UInt8>) { counts = Array(bytes) }

  func append(to bytes: inout [UInt8]) { bytes += counts }

  @inline(__always)
  mutating func add(_ times: Int, to symbol: Int) {
    guard Self.symbols.contains(symbol) else { return }
    counts[symbol - Self.symbols.lowerBound] &+= UInt8(truncatingIfNeeded: times)
  }

  /// About how many elements one of two sets has and the other has not; off by a third or so.
  ///
  /// A symbol's counts lie apart by `net` times its density on average, with a variance of the
  /// differences' number times density × (1 − density).
  ///
  /// - Parameter net: how many more elements the other set has.
  func differences(to other: Tallies, net: Int) -> Int {
    var deviation = 0.0
    var weight = 0.0
    for (place, symbol) in Self.symbols.enumerated() {
      let density = SymbolMapping.density(symbol)
      let mean = (Double(net) * density).rounded()
      let apart = other.counts[place] &- counts[place] &- UInt8(truncatingIfNeeded: Int(mean))
      let off = Double(Int8(bitPattern: apart)) - (Double(net) * density - mean)
      deviation += off * off
      weight += density * (1 - density)
    }
    return max(Int(deviation / weight), abs(net))
  }
}
