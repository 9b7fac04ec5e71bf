import IPv8Wire
import TestVectors
import Testing

@Suite("The Internet checksum")
struct InternetChecksumTests {
  /// RFC 1071 as its text says: the complement of the one's complement sum of 16-bit words.
  static func oracle(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() {
      sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
      if sum > 0xffff { sum -= 0xffff }
    }
    return ~UInt16(sum)
  }

  @Test("agrees with a byte-by-byte sum, of any length")
  func agrees() {
    var random = TestRandom("InternetChecksum")
    for count in 0..<1_500 {
      let bytes = count % 7 == 0 ? [UInt8](repeating: 0xff, count: count) : random.bytes(count)
      let sum = InternetChecksum.sum(bytes.rawSpan)
      // The two zeros of one's complement differ only where the sum is 0 or 0xffff.
      let expected = Self.oracle(bytes)
      let folded = InternetChecksum.fold(sum)
      #expect(folded == expected || folded &+ expected == 0xffff && (folded == 0 || expected == 0))
    }
  }

  @Test("of the example in RFC 1071 §3")
  func example() {
    let bytes: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
    #expect(InternetChecksum.fold(InternetChecksum.sum(bytes.rawSpan)) == ~0xddf2)
  }

  @Test("updated for a changed word is that of the changed bytes, and back again")
  func updates() {
    var random = TestRandom("InternetChecksum updates")
    for _ in 0..<50_000 {
      var bytes = random.bytes(20)
      if random.oneIn(4) { bytes.replaceSubrange(4..<8, with: [0xff, 0xff, 0xff, 0xff]) }
      let old = bytes.rawSpan.bigEndian(UInt32.self, at: 4)
      let new: UInt32 = random.oneIn(4) ? 0 : random.integer()
      let before = InternetChecksum.fold(InternetChecksum.sum(bytes.rawSpan))
      bytes.replaceSubrange(
        4..<8, with: (0..<4).map { UInt8(truncatingIfNeeded: new >> UInt32(24 - 8 * $0)) })
      let after = InternetChecksum.fold(InternetChecksum.sum(bytes.rawSpan))
      #expect(InternetChecksum.updated(before, from: old, to: new) == after)
      #expect(InternetChecksum.updated(after, from: new, to: old) == before)
    }
  }
}
