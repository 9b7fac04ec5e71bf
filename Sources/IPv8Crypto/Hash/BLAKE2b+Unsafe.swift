import CSodium
import IPv8Wire

/// BLAKE2b (RFC 7693) through libsodium.
public enum BLAKE2b {
  /// - Parameters:
  ///   - count: bytes of the digest, 16...64.
  ///   - key: at most 64 bytes; nil for the unkeyed hash.
  ///   - personal: 16 bytes of domain separation; nil for none.
  public static func hash(
    _ message: RawSpan, count: Int, key: SecretBytes? = nil, personal: [UInt8]? = nil
  ) -> [UInt8] {
    precondition((16...64).contains(count) && (key?.count ?? 0) <= 64, "sizes of BLAKE2b")
    precondition(personal == nil || personal?.count == 16, "a 16-byte personalisation")
    var digest = [UInt8](repeating: 0, count: count)
    unsafe message.withUnsafeBytes { input in
      let start = unsafe input.bindMemory(to: UInt8.self).baseAddress
      func run(_ keyBytes: UnsafeRawBufferPointer?) {
        let keyStart = unsafe keyBytes?.bindMemory(to: UInt8.self).baseAddress
        let keyCount = unsafe keyBytes?.count ?? 0
        // Sound: every pointer goes with its own length; personal is nil or 16 bytes.
        _ = unsafe crypto_generichash_blake2b_salt_personal(
          &digest, count, start, UInt64(input.count), keyStart, keyCount, nil, personal)
      }
      if let key {
        unsafe key.bytes.withUnsafeBytes { unsafe run($0) }
      } else {
        run(nil)
      }
    }
    return digest
  }

  public static func hash(
    _ message: [UInt8], count: Int, key: SecretBytes? = nil, personal: [UInt8]? = nil
  ) -> [UInt8] {
    hash(message.rawSpan, count: count, key: key, personal: personal)
  }
}
