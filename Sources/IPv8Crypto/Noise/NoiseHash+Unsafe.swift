import CSodium
import IPv8Wire

/// The hash functions of Noise protocol names (Noise §12). P2TP uses BLAKE2b; the others keep the
/// engine honest against published vectors.
public enum NoiseHash: Sendable {
  case blake2b
  case sha256
  case sha512

  /// HASHLEN in bytes.
  public var digestByteCount: Int { self == .sha256 ? 32 : 64 }

  /// BLOCKLEN in bytes.
  var blockByteCount: Int { self == .sha256 ? 64 : 128 }

  func hash(_ message: RawSpan) -> SecretBytes {
    SecretBytes(count: digestByteCount) { (digest: inout MutableRawSpan) in
      unsafe digest.withUnsafeMutableBytes { out in
        unsafe message.withUnsafeBytes { input in
          let out = unsafe out.bindMemory(to: UInt8.self).baseAddress!
          let start = unsafe input.bindMemory(to: UInt8.self).baseAddress
          let count = UInt64(input.count)
          // Sound: `out` has HASHLEN bytes; the input goes with its own length.
          switch self {
          case .blake2b: _ = unsafe crypto_generichash_blake2b(out, 64, start, count, nil, 0)
          case .sha256: _ = unsafe crypto_hash_sha256(out, start, count)
          case .sha512: _ = unsafe crypto_hash_sha512(out, start, count)
          }
        }
      }
    }
  }

  /// HMAC (RFC 2104) over `message`, for keys of at most BLOCKLEN bytes.
  func authenticate(_ message: RawSpan, key: RawSpan) -> SecretBytes {
    func pass(_ pad: UInt8, _ text: RawSpan) -> SecretBytes {
      let input = SecretBytes(count: blockByteCount + text.byteCount) {
        (block: inout MutableRawSpan) in
        block.copy(key, to: 0)
        for i in 0..<blockByteCount {
          block.storeBigEndian(block.bigEndian(UInt8.self, at: i) ^ pad, at: i)
        }
        block.copy(text, to: blockByteCount)
      }
      return hash(input.bytes)
    }
    let inner = pass(0x36, message)
    return pass(0x5c, inner.bytes)
  }

  /// Noise's HKDF (Noise §4.3): `count` (2 or 3) outputs of HASHLEN bytes.
  func expand(chainingKey: RawSpan, input: RawSpan, count: Int) -> [SecretBytes] {
    let temporary = authenticate(input, key: chainingKey)
    var outputs: [SecretBytes] = []
    for index in 1...count {
      let previous = outputs.last
      let size = (previous?.count ?? 0) + 1
      let message = SecretBytes(count: size) { (block: inout MutableRawSpan) in
        if let previous { block.copy(previous.bytes, to: 0) }
        block.storeBigEndian(UInt8(index), at: size - 1)
      }
      outputs.append(authenticate(message.bytes, key: temporary.bytes))
    }
    return outputs
  }
}
