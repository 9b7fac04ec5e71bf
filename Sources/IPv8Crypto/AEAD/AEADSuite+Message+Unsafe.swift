import CSodium
import IPv8Wire

extension AEADSuite {
  /// One-shot encryption of a handshake message: ciphertext ‖ tag. For a few messages a session;
  /// records use ``AEADKey``.
  func encrypt(_ plaintext: RawSpan, key: SecretBytes, counter: UInt64, aad: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: plaintext.byteCount + Self.tagByteCount)
    let nonce = nonce(counter)
    unsafe key.bytes.withUnsafeBytes { key in
      unsafe plaintext.withUnsafeBytes { text in
        let key = unsafe key.bindMemory(to: UInt8.self).baseAddress!
        let start = unsafe text.bindMemory(to: UInt8.self).baseAddress
        // Sound: the output has room for text and tag; every pointer goes with its own length.
        switch self {
        case .chaCha20Poly1305:
          _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt(
            &output, nil, start, UInt64(text.count), aad, UInt64(aad.count), nil, nonce, key)
        case .aes256GCM:
          _ = unsafe crypto_aead_aes256gcm_encrypt(
            &output, nil, start, UInt64(text.count), aad, UInt64(aad.count), nil, nonce, key)
        }
      }
    }
    return output
  }

  /// The plaintext of `ciphertext` (tag included); nil where it is not authentic.
  func decrypt(_ ciphertext: RawSpan, key: SecretBytes, counter: UInt64, aad: [UInt8]) -> [UInt8]? {
    guard ciphertext.byteCount >= Self.tagByteCount else { return nil }
    // One byte more than the text, so that an empty text has an address too.
    var output = [UInt8](repeating: 0, count: ciphertext.byteCount - Self.tagByteCount + 1)
    let nonce = nonce(counter)
    let status = unsafe key.bytes.withUnsafeBytes { key in
      unsafe ciphertext.withUnsafeBytes { text in
        let key = unsafe key.bindMemory(to: UInt8.self).baseAddress!
        let start = unsafe text.bindMemory(to: UInt8.self).baseAddress!
        // Sound: the output has room for the text; every pointer goes with its own length.
        return switch self {
        case .chaCha20Poly1305:
          unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            &output, nil, nil, start, UInt64(text.count), aad, UInt64(aad.count), nonce, key)
        case .aes256GCM:
          unsafe crypto_aead_aes256gcm_decrypt(
            &output, nil, nil, start, UInt64(text.count), aad, UInt64(aad.count), nonce, key)
        }
      }
    }
    guard status == 0 else { return nil }
    output.removeLast()
    return output
  }

  private func nonce(_ counter: UInt64) -> [UInt8] {
    var nonce: [UInt8] = [0, 0, 0, 0]
    nonce.append(bigEndian: self == .aes256GCM ? counter : counter.byteSwapped)
    return nonce
  }
}
