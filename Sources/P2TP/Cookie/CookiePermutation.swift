import IPv8Crypto
import IPv8Wire

/// A keyed permutation of 30-bit values: an 8-round Feistel network over SipHash-2-4
/// (protocol §1.3).
///
/// A permutation rather than a pad, so that who sees one cookie of an address learns nothing about
/// the next one.
struct CookiePermutation: Sendable {
  /// 16 bytes.
  let key: SecretBytes

  private static let halfMask: UInt32 = 1 << 15 - 1

  private func round(_ index: UInt8, _ half: UInt32) -> UInt32 {
    var input: [UInt8] = [index]
    input.append(bigEndian: half.byteSwapped)
    input += [0, 0, 0]
    return UInt32(truncatingIfNeeded: SipHash.hash64(input, key: key)) & Self.halfMask
  }

  func encrypt(_ value: UInt32) -> UInt32 {
    var (left, right) = (value >> 15 & Self.halfMask, value & Self.halfMask)
    for index in 0..<UInt8(8) { (left, right) = (right, left ^ round(index, right)) }
    return left << 15 | right
  }

  func decrypt(_ value: UInt32) -> UInt32 {
    var (left, right) = (value >> 15 & Self.halfMask, value & Self.halfMask)
    for index in (0..<UInt8(8)).reversed() { (left, right) = (right ^ round(index, left), left) }
    return left << 15 | right
  }
}
