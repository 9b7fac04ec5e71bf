import CSodium
import IPv8Wire

/// SHA-256 and SHA-512 (FIPS 180-4) through libsodium: what formats of others are signed over.
public enum SHA2 {
  public static func sha256(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    // Sound: the digest has 32 bytes; the message goes with its own length.
    _ = unsafe crypto_hash_sha256(&digest, message, UInt64(message.count))
    return digest
  }

  public static func sha512(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 64)
    // Sound: the digest has 64 bytes; the message goes with its own length.
    _ = unsafe crypto_hash_sha512(&digest, message, UInt64(message.count))
    return digest
  }
}
