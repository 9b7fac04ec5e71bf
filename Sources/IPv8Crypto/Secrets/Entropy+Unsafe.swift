import CSodium
import IPv8Wire

/// A fast-key-erasure generator over ChaCha20 (RFC 8439): secret random bytes from one seed.
///
/// The product seeds it from the kernel once; a simulation from its printed seed, which makes whole
/// runs reproducible. Each call replaces the key, so that output given out earlier cannot be
/// computed from what is in memory later.
public struct Entropy: ~Copyable {
  private var key: SecretBytes

  /// - Parameter seed: 32 bytes.
  public init(seed: SecretBytes) {
    precondition(seed.count == 32, "a 32-byte seed")
    key = seed
  }

  /// `count` fresh secret bytes.
  public mutating func secret(_ count: Int) -> SecretBytes {
    let old = key
    let nonce = [UInt8](repeating: 0, count: 12)
    let stream = SecretBytes(count: 32 + count) { (block: inout MutableRawSpan) in
      unsafe block.withUnsafeMutableBytes { out in
        unsafe old.bytes.withUnsafeBytes { seed in
          // Sound: out holds 32 + count bytes, seed 32, nonce 12.
          _ = unsafe crypto_stream_chacha20_ietf(
            out.baseAddress!, UInt64(out.count), nonce, seed.baseAddress!)
        }
      }
    }
    key = SecretBytes(copying: stream.bytes.extracting(0..<32))
    return SecretBytes(copying: stream.bytes.extracting(32..<(32 + count)))
  }

  /// `count` fresh bytes for public values: session ids, nonces.
  public mutating func bytes(_ count: Int) -> [UInt8] { secret(count).bytes.copyBytes() }

  /// A fresh 64-bit value.
  public mutating func next() -> UInt64 { secret(8).bytes.bigEndian(UInt64.self, at: 0) }
}
