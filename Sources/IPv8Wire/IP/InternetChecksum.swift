/// The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
public enum InternetChecksum {
  /// The one's complement sum of 16-bit words, not folded; an odd last byte counts as the high one.
  public static func sum(_ bytes: RawSpan, initial: UInt64 = 0) -> UInt64 {
    var sum = initial
    var offset = 0
    while offset + 1 < bytes.byteCount {
      sum += UInt64(bytes.bigEndian(UInt16.self, at: offset))
      offset += 2
    }
    if offset < bytes.byteCount { sum += UInt64(bytes.bigEndian(UInt8.self, at: offset)) << 8 }
    return sum
  }

  /// The 16-bit one's complement of `sum`.
  public static func fold(_ sum: UInt64) -> UInt16 {
    var sum = sum
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }

  /// `checksum` after a 32-bit value it covers changed (RFC 1624 equation 3).
  @inlinable
  public static func updated(_ checksum: UInt16, from old: UInt32, to new: UInt32) -> UInt16 {
    var sum = UInt32(~checksum)
    sum += ~old >> 16 + ~old & 0xffff
    sum += new >> 16 + new & 0xffff
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }
}
