/// The Internet checksum as RFC 1071 describes it, a word at a time: slow and obvious.
enum NaiveChecksum {
  /// The one's complement sum, folded, not complemented.
  static func sum(_ bytes: [UInt8]) -> UInt16 {
    var sum = 0
    for (index, byte) in bytes.enumerated() {
      sum += index % 2 == 0 ? Int(byte) << 8 : Int(byte)
      if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(sum)
  }

  static func checksum(_ bytes: [UInt8]) -> UInt16 { ~sum(bytes) }
}

/// The fields of a packet's bytes, as the tests read and write them.
extension [UInt8] {
  func word(_ offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }

  func long(_ offset: Int) -> UInt32 { UInt32(word(offset)) << 16 | UInt32(word(offset + 2)) }

  mutating func put(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(value >> 8)
    self[offset + 1] = UInt8(value & 0xff)
  }

  mutating func put(_ value: UInt32, at offset: Int) {
    put(UInt16(value >> 16), at: offset)
    put(UInt16(value & 0xffff), at: offset + 2)
  }

  static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  static func big(_ value: UInt32) -> [UInt8] {
    big(UInt16(value >> 16)) + big(UInt16(value & 0xffff))
  }

  static func random(_ count: Int, using random: inout some RandomNumberGenerator) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}
