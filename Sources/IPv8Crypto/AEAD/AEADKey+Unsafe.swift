import CIPSecMB
import CSodium
import IPv8Wire

extension AEADBackend {
  /// The faster backend of AES-256-GCM here; nil where the CPU lacks the instructions.
  public static let forAES256GCM: AEADBackend? = {
    if cipsecmb_available() == 1 { return .ipsecMB }
    return sodiumIsReady && crypto_aead_aes256gcm_is_available() == 1 ? .sodium : nil
  }()
}

/// One direction's key of a session, expanded once and used in place on the caller's buffers.
///
/// The 96-bit nonce is four zero bytes and the 64-bit counter, little-endian for ChaCha20-Poly1305
/// and big-endian for AES-GCM (Noise §12). A counter must never seal twice; the session sees to it.
@safe
public struct AEADKey: ~Copyable, @unchecked Sendable {
  public let suite: AEADSuite
  public let backend: AEADBackend
  private let schedule: UnsafeMutableRawPointer

  /// - Parameters:
  ///   - key: 32 bytes.
  ///   - backend: nil for this machine's best. Traps for one that the machine does not have.
  public init(suite: AEADSuite, key: SecretBytes, backend: AEADBackend? = nil) {
    precondition(sodiumIsReady && key.count == AEADSuite.keyByteCount, "a 32-byte key")
    self.suite = suite
    switch suite {
    case .chaCha20Poly1305: self.backend = .sodium
    case .aes256GCM:
      guard let best = AEADBackend.forAES256GCM else {
        preconditionFailure("AES-256-GCM is offered only where the CPU has it")
      }
      self.backend = backend ?? best
    }
    // A multiple of 64, because sodium_malloc aligns the block's end and the key schedules want 64.
    let size =
      switch (suite, self.backend) {
      case (.chaCha20Poly1305, _): 64
      case (.aes256GCM, .sodium): crypto_aead_aes256gcm_statebytes()
      case (.aes256GCM, .ipsecMB): cipsecmb_key_size()
      }
    guard let block = unsafe sodium_malloc((size + 63) / 64 * 64) else {
      preconditionFailure("memory for a session key")
    }
    unsafe schedule = block
    let (suite, backend) = (suite, self.backend)
    unsafe key.bytes.withUnsafeBytes { bytes in
      // Sound: the block is large enough for the schedule of the suite and backend chosen above.
      let start = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
      switch (suite, backend) {
      case (.chaCha20Poly1305, _): unsafe block.copyMemory(from: start, byteCount: 32)
      case (.aes256GCM, .ipsecMB): unsafe cipsecmb_expand(start, block)
      case (.aes256GCM, .sodium):
        unsafe crypto_aead_aes256gcm_beforenm(
          block.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self), start)
      }
    }
  }

  deinit { unsafe sodium_free(schedule) }

  /// Seals a datagram in place: `prefix` bytes of additional data, then the plaintext, then 16 bytes
  /// of room that receive the tag.
  @inline(__always)
  public borrowing func seal(_ datagram: inout MutableRawSpan, prefix: Int, counter: UInt64) {
    let length = datagram.byteCount - prefix - AEADSuite.tagByteCount
    precondition(prefix >= 0 && length >= 0, "room for additional data and tag")
    unsafe datagram.withUnsafeMutableBytes { bytes in
      let aad = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
      // Sound: the precondition bounds text and tag within the datagram.
      let text = unsafe aad + prefix
      let tag = unsafe text + length
      var nonce = nonce(counter)
      switch backend {
      case .ipsecMB:
        unsafe withUnsafeBytes(of: &nonce) {
          unsafe cipsecmb_seal(
            schedule, text, length, $0.bindMemory(to: UInt8.self).baseAddress!, aad, prefix, tag)
        }
      case .sodium:
        unsafe withUnsafeBytes(of: &nonce) {
          let nonce = unsafe $0.bindMemory(to: UInt8.self).baseAddress!
          if suite == .aes256GCM {
            _ = unsafe crypto_aead_aes256gcm_encrypt_detached_afternm(
              text, tag, nil, text, UInt64(length), aad, UInt64(prefix), nil, nonce,
              schedule.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self))
          } else {
            _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt_detached(
              text, tag, nil, text, UInt64(length), aad, UInt64(prefix), nil, nonce,
              schedule.assumingMemoryBound(to: UInt8.self))
          }
        }
      }
    }
  }

  /// Opens a datagram in place; false where it is too short or not authentic, and then the bytes
  /// behind `prefix` are undefined.
  @inline(__always)
  public borrowing func open(_ datagram: inout MutableRawSpan, prefix: Int, counter: UInt64)
    -> Bool
  {
    let length = datagram.byteCount - prefix - AEADSuite.tagByteCount
    guard prefix >= 0, length >= 0 else { return false }
    return unsafe datagram.withUnsafeMutableBytes { bytes in
      let aad = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
      // Sound: the guard bounds text and tag within the datagram.
      let text = unsafe aad + prefix
      let tag = unsafe text + length
      var nonce = nonce(counter)
      return unsafe withUnsafeBytes(of: &nonce) {
        let nonce = unsafe $0.bindMemory(to: UInt8.self).baseAddress!
        switch (backend, suite) {
        case (.ipsecMB, _):
          var computed: (UInt64, UInt64) = (0, 0)
          return unsafe withUnsafeMutableBytes(of: &computed) { expected in
            let expected = unsafe expected.bindMemory(to: UInt8.self).baseAddress!
            unsafe cipsecmb_open(schedule, text, length, nonce, aad, prefix, expected)
            return unsafe sodium_memcmp(expected, tag, AEADSuite.tagByteCount) == 0
          }
        case (.sodium, .aes256GCM):
          return unsafe crypto_aead_aes256gcm_decrypt_detached_afternm(
            text, nil, text, UInt64(length), tag, aad, UInt64(prefix), nonce,
            schedule.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self)) == 0
        case (.sodium, .chaCha20Poly1305):
          return unsafe crypto_aead_chacha20poly1305_ietf_decrypt_detached(
            text, nil, text, UInt64(length), tag, aad, UInt64(prefix), nonce,
            schedule.assumingMemoryBound(to: UInt8.self)) == 0
        }
      }
    }
  }

  /// 12 bytes of nonce in 16 of storage.
  @inline(__always)
  private func nonce(_ counter: UInt64) -> (UInt32, UInt32, UInt32, UInt32) {
    let ordered = suite == .aes256GCM ? counter.bigEndian : counter.littleEndian
    return (0, UInt32(truncatingIfNeeded: ordered), UInt32(truncatingIfNeeded: ordered >> 32), 0)
  }
}
