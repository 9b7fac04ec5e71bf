import CSodium
import IPv8Wire

/// SipHash-2-4 (Aumasson and Bernstein) with a 16-byte key, through libsodium.
public enum SipHash {
  /// The 64-bit result, little-endian as the authors define it.
  public static func hash64(_ message: [UInt8], key: SecretBytes) -> UInt64 {
    precondition(key.count == 16, "a 16-byte key")
    var digest = [UInt8](repeating: 0, count: 8)
    unsafe key.bytes.withUnsafeBytes { key in
      // Sound: the key has 16 bytes, the digest 8.
      _ = unsafe crypto_shorthash_siphash24(
        &digest, message, UInt64(message.count), key.bindMemory(to: UInt8.self).baseAddress!)
    }
    return UInt64(littleEndian: digest.rawSpan.bigEndian(UInt64.self, at: 0).bigEndian)
  }

  /// The 128-bit variant (SipHashX).
  public static func hash128(_ message: [UInt8], key: SecretBytes) -> [UInt8] {
    precondition(key.count == 16, "a 16-byte key")
    var digest = [UInt8](repeating: 0, count: 16)
    unsafe key.bytes.withUnsafeBytes { key in
      // Sound: the key has 16 bytes, the digest 16.
      _ = unsafe crypto_shorthash_siphashx24(
        &digest, message, UInt64(message.count), key.bindMemory(to: UInt8.self).baseAddress!)
    }
    return digest
  }
}
