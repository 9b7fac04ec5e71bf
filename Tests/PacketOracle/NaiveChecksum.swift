/// The Internet checksum as RFC 1071 describes it, a word at a time: slow and obvious.
public enum NaiveChecksum {
  /// The one's complement sum, folded, not complemented.
  public static func sum(_ bytes: [UInt8]) -> UInt16 {
    var sum = 0
    for (index, byte) in bytes.enumerated() {
      sum += index % 2 == 0 ? Int(byte) << 8 : Int(byte)
      if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(sum)
  }

  public static func checksum(_ bytes: [UInt8]) -> UInt16 { ~sum(bytes) }

  /// What transport checksums cover beside their own bytes (RFC 9293 §3.1, RFC 8200 §8.1).
  public static func pseudoHeader(
    _ source: [UInt8], _ destination: [UInt8], _ number: UInt8, _ length: Int
  ) -> [UInt8] {
    source + destination + .big(UInt32(length)) + [0, 0, 0, number]
  }
}

/// The fields of a packet's bytes, as the tests read and write them.
extension [UInt8] {
  public func word(_ offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }

  public func long(_ offset: Int) -> UInt32 {
    UInt32(word(offset)) << 16 | UInt32(word(offset + 2))
  }

  public mutating func put(_ value: UInt16, at offset: Int) {
    self[offset] = UInt8(value >> 8)
    self[offset + 1] = UInt8(value & 0xff)
  }

  public mutating func put(_ value: UInt32, at offset: Int) {
    put(UInt16(value >> 16), at: offset)
    put(UInt16(value & 0xffff), at: offset + 2)
  }

  public static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  public static func big(_ value: UInt32) -> [UInt8] {
    big(UInt16(value >> 16)) + big(UInt16(value & 0xffff))
  }

  public static func random(
    _ count: Int, using random: inout some RandomNumberGenerator
  ) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
  }
}
