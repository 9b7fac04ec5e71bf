import IPv8Wire

/// Marks an inner packet that its sender declared capable of it (RFC 3168).
enum CongestionMark {
  private static let experienced: UInt8 = 3

  /// Sets CE in the packet that begins at `offset`, with the IPv4 header checksum brought up to date
  /// (RFC 1624); false where it is not ECN-capable.
  static func set(in bytes: inout MutableRawSpan, at offset: Int) -> Bool {
    switch bytes.bigEndian(UInt8.self, at: offset) >> 4 {
    case 4 where bytes.byteCount >= offset + IPv4Header.minimumByteCount:
      let old = bytes.bigEndian(UInt16.self, at: offset)
      guard old & 3 != 0 else { return false }
      let new = old | UInt16(experienced)
      bytes.storeBigEndian(new, at: offset)
      let place = offset + IPv4Header.checksumOffset
      let checksum = InternetChecksum.updated(
        bytes.bigEndian(UInt16.self, at: place), from: UInt32(old), to: UInt32(new))
      bytes.storeBigEndian(checksum, at: place)
      return true
    case 6 where bytes.byteCount >= offset + IPv6Header.byteCount:
      let old = bytes.bigEndian(UInt8.self, at: offset + 1)
      guard old >> 4 & 3 != 0 else { return false }
      bytes.storeBigEndian(old | experienced << 4, at: offset + 1)
      return true
    default: return false
    }
  }
}
