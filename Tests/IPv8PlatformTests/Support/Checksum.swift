/// The Internet checksum (RFC 1071), the plainest way.
func internetChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for (index, byte) in bytes.enumerated() { sum += UInt32(byte) << (index % 2 == 0 ? 8 : 0) }
  while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
  return ~UInt16(sum)
}
