import CIPSecMB
import CSodium

/// AEADs with any nonce straight from their libraries, for vectors and as oracles.
enum OneShot: CaseIterable {
  case chaCha20Poly1305
  case aes256GCMBySodium
  case aes256GCMByIPSecMB

  var isPresent: Bool {
    switch self {
    case .chaCha20Poly1305: sodium_init() >= 0
    case .aes256GCMBySodium: sodium_init() >= 0 && crypto_aead_aes256gcm_is_available() == 1
    case .aes256GCMByIPSecMB: cipsecmb_available() == 1
    }
  }

  /// Ciphertext ‖ tag.
  func seal(_ text: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8]) -> [UInt8] {
    precondition(key.count == 32 && nonce.count == 12)
    var output = text + [UInt8](repeating: 0, count: 16)
    switch self {
    case .chaCha20Poly1305:
      crypto_aead_chacha20poly1305_ietf_encrypt(
        &output, nil, text, UInt64(text.count), aad, UInt64(aad.count), nil, nonce, key)
    case .aes256GCMBySodium:
      crypto_aead_aes256gcm_encrypt(
        &output, nil, text, UInt64(text.count), aad, UInt64(aad.count), nil, nonce, key)
    case .aes256GCMByIPSecMB:
      Self.withSchedule(key) { schedule in
        output.withUnsafeMutableBufferPointer { bytes in
          guard let start = bytes.baseAddress else { return }
          cipsecmb_seal(
            schedule, start, start, text.count, nonce, aad, aad.count, start + text.count)
        }
      }
    }
    return output
  }

  /// The text of ciphertext ‖ tag; nil where it is not authentic.
  func open(_ sealed: [UInt8], key: [UInt8], nonce: [UInt8], aad: [UInt8]) -> [UInt8]? {
    precondition(key.count == 32 && nonce.count == 12 && sealed.count >= 16)
    // One byte more, so that an empty text has an address.
    var output = [UInt8](repeating: 0, count: sealed.count - 15)
    let good: Bool
    switch self {
    case .chaCha20Poly1305:
      good =
        crypto_aead_chacha20poly1305_ietf_decrypt(
          &output, nil, nil, sealed, UInt64(sealed.count), aad, UInt64(aad.count), nonce, key) == 0
    case .aes256GCMBySodium:
      good =
        crypto_aead_aes256gcm_decrypt(
          &output, nil, nil, sealed, UInt64(sealed.count), aad, UInt64(aad.count), nonce, key) == 0
    case .aes256GCMByIPSecMB:
      var tag = [UInt8](repeating: 0, count: 16)
      Self.withSchedule(key) {
        cipsecmb_open($0, &output, sealed, sealed.count - 16, nonce, aad, aad.count, &tag)
      }
      good = tag == Array(sealed.suffix(16))
    }
    return good ? output.dropLast() : nil
  }

  private static func withSchedule(_ key: [UInt8], _ body: (UnsafeMutableRawPointer) -> Void) {
    let schedule = UnsafeMutableRawPointer.allocate(
      byteCount: cipsecmb_key_size(), alignment: 64)
    defer { schedule.deallocate() }
    cipsecmb_expand(key, schedule)
    body(schedule)
  }
}
