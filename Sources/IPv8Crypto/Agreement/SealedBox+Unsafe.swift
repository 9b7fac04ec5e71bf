import CSodium
import IPv8Wire

/// Sealing to a public key without saying who sealed: the bytes of libsodium's `crypto_box_seal`,
/// ephemeral X25519 key(32) ‖ XSalsa20-Poly1305 box, under the nonce
/// BLAKE2b-192(ephemeral key ‖ recipient's key).
public enum SealedBox {
  /// What sealing adds: the ephemeral key and the tag.
  public static let overheadByteCount = 32 + 16
  private static let nonceByteCount = 24

  /// Nil where `recipient` (32 bytes) is a point of small order.
  ///
  /// - Parameter ephemeral: a fresh key pair, used for nothing else.
  public static func seal(
    _ message: [UInt8], to recipient: [UInt8], ephemeral: AgreementKey
  ) -> [UInt8]? {
    precondition(recipient.count == 32 && sodiumIsReady, "a 32-byte point, libsodium works")
    let nonce = BLAKE2b.hash(ephemeral.publicKey + recipient, count: nonceByteCount)
    var box = [UInt8](repeating: 0, count: message.count + overheadByteCount - 32)
    let status = unsafe ephemeral.secret.bytes.withUnsafeBytes { secret in
      // Sound: the box is 16 bytes longer than the message, the nonce has 24, both keys 32.
      unsafe crypto_box_easy(
        &box, message, UInt64(message.count), nonce, recipient,
        secret.bindMemory(to: UInt8.self).baseAddress!)
    }
    return status == 0 ? ephemeral.publicKey + box : nil
  }

  /// The message; nil where the bytes were not sealed to `key`, or not so.
  public static func open(_ sealed: [UInt8], with key: AgreementKey) -> [UInt8]? {
    guard sealed.count >= overheadByteCount, sodiumIsReady else { return nil }
    var message = [UInt8](repeating: 0, count: sealed.count - overheadByteCount)
    let status = unsafe key.secret.bytes.withUnsafeBytes { secret in
      // Sound: the message is 48 bytes shorter than what was sealed, both keys have 32.
      unsafe crypto_box_seal_open(
        &message, sealed, UInt64(sealed.count), key.publicKey,
        secret.bindMemory(to: UInt8.self).baseAddress!)
    }
    return status == 0 ? message : nil
  }
}
