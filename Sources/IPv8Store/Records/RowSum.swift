import IPv8Wire

/// A checksum over a row of another's record, which SQLite does not keep: a bit that flipped on the
/// disk would make a forgery of what a peer signed, and this machine its teller.
struct RowSum {
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0xda94_2042_e4dd_58b5
    state ^= state >> 29
  }

  mutating func add(_ word: Int64) { add(UInt64(bitPattern: word)) }

  mutating func add(_ bytes: RawSpan) {
    var offset = 0
    while offset + 8 <= bytes.byteCount {
      add(bytes.bigEndian(UInt64.self, at: offset))
      offset += 8
    }
    var last = UInt64(bytes.byteCount)
    while offset < bytes.byteCount {
      last = last << 8 | UInt64(bytes.bigEndian(UInt8.self, at: offset))
      offset += 1
    }
    add(last)
  }

  /// As its column holds it.
  var column: Int64 { Int64(bitPattern: state) }
}
