import IPv8Wire

/// The answer to an empty request: sums(144) ‖ tallies(16).
///
/// No batch of symbols has its length.
struct SketchBeginning {
  static let byteCount = PowerSums.byteCount + Tallies.byteCount

  let sums: PowerSums
  let tallies: Tallies

  init(_ sketch: Sketch) {
    sums = sketch.sums
    tallies = sketch.tallies
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    sums = PowerSums(bytes.rawSpan, at: 0)
    tallies = Tallies(bytes[PowerSums.byteCount...])
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    sums.append(to: &bytes)
    tallies.append(to: &bytes)
    return bytes
  }
}

/// The answer to a request for symbols: first(2) ‖ n × symbol(15).
enum SymbolBatch {
  private static let headByteCount = 2
  static let limit = (SyncMessage.answerLimit - headByteCount) / CodedSymbol.byteCount

  static func bytes(_ symbols: ArraySlice<CodedSymbol>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headByteCount + symbols.count * CodedSymbol.byteCount)
    bytes.append(bigEndian: UInt16(symbols.startIndex))
    for symbol in symbols {
      symbol.element.append(to: &bytes)
      bytes.append(UInt8(truncatingIfNeeded: symbol.check >> 16))
      bytes.append(bigEndian: UInt16(truncatingIfNeeded: symbol.check))
    }
    return bytes
  }

  static func parse(_ bytes: [UInt8]) -> (first: Int, symbols: [CodedSymbol])? {
    let count = (bytes.count - headByteCount) / CodedSymbol.byteCount
    guard bytes.count > headByteCount, count <= limit,
      bytes.count == headByteCount + count * CodedSymbol.byteCount
    else { return nil }
    let span = bytes.rawSpan
    var symbols: [CodedSymbol] = []
    symbols.reserveCapacity(count)
    for index in 0..<count {
      let start = headByteCount + index * CodedSymbol.byteCount
      let element = SyncElement(span, at: start)
      let check =
        UInt32(bytes[start + 12]) << 16 | UInt32(span.bigEndian(UInt16.self, at: start + 13))
      symbols.append(CodedSymbol(tag: element.tag, check: check, name: element.name.value))
    }
    return (Int(span.bigEndian(UInt16.self, at: 0)), symbols)
  }
}

/// A request for symbols: first(2) ‖ count(2).
enum SymbolRequest {
  /// Symbols of one request.
  static let limit = 2_048
  private static let byteCount = 4

  static func bytes(_ symbols: Range<Int>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt16(symbols.lowerBound))
    bytes.append(bigEndian: UInt16(symbols.count))
    return bytes
  }

  static func parse(_ bytes: [UInt8]) -> Range<Int>? {
    guard bytes.count == byteCount else { return nil }
    let first = Int(bytes.rawSpan.bigEndian(UInt16.self, at: 0))
    let count = Int(bytes.rawSpan.bigEndian(UInt16.self, at: 2))
    guard (1...limit).contains(count) else { return nil }
    return first..<first + count
  }
}
