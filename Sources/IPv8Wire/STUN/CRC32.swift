/// The CRC of ITU-T V.42 (polynomial 0x04c11db7, reflected), as STUN's FINGERPRINT uses it.
enum CRC32 {
  /// The remainders of the sixteen half-bytes: small enough to stay in the cache, fast enough for
  /// control datagrams.
  private static let table: [UInt32] = (0..<16).map { value in
    (0..<4).reduce(UInt32(value)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
  }

  /// - Parameter count: how many bytes from the front are covered; at most all.
  static func checksum(_ bytes: RawSpan, count: Int) -> UInt32 {
    var crc: UInt32 = ~0
    for offset in 0..<min(count, bytes.byteCount) {
      crc ^= UInt32(bytes.bigEndian(UInt8.self, at: offset))
      crc = crc >> 4 ^ table[Int(crc & 15)]
      crc = crc >> 4 ^ table[Int(crc & 15)]
    }
    return ~crc
  }
}
