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
      // Sound: the precondition bounds text and tag within the datagram.
      let aad = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
      let text = unsafe aad + prefix
      unsafe seal(to: text, from: text, length: length, aad: aad, prefix, counter)
    }
  }

  /// As ``seal(_:prefix:counter:)`` with the plaintext elsewhere: as many bytes as the datagram has
  /// between prefix and tag.
  @inline(__always)
  public borrowing func seal(
    _ plaintext: RawSpan, into datagram: inout MutableRawSpan, prefix: Int, counter: UInt64
  ) {
    let length = datagram.byteCount - prefix - AEADSuite.tagByteCount
    precondition(prefix >= 0 && length == plaintext.byteCount, "room for just this plaintext")
    unsafe datagram.withUnsafeMutableBytes { bytes in
      unsafe plaintext.withUnsafeBytes { source in
        // Sound: the precondition bounds text and tag within the datagram, and the source's length.
        let aad = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
        let from = unsafe source.bindMemory(to: UInt8.self).baseAddress ?? UnsafePointer(aad)
        unsafe seal(to: aad + prefix, from: from, length: length, aad: aad, prefix, counter)
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
      // Sound: the guard bounds text and tag within the datagram.
      let aad = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
      let text = unsafe aad + prefix
      return unsafe open(to: text, from: text, length: length, aad: aad, prefix, counter)
    }
  }

  /// As ``open(_:prefix:counter:)`` with the plaintext elsewhere: exactly as many bytes as there are
  /// between prefix and tag. Its bytes are undefined where the datagram is not authentic.
  @inline(__always)
  public borrowing func open(
    _ datagram: RawSpan, into plaintext: inout MutableRawSpan, prefix: Int, counter: UInt64
  ) -> Bool {
    let length = datagram.byteCount - prefix - AEADSuite.tagByteCount
    guard prefix >= 0, length >= 0, length == plaintext.byteCount else { return false }
    return unsafe datagram.withUnsafeBytes { bytes in
      unsafe plaintext.withUnsafeMutableBytes { target in
        // Sound: the guard bounds text and tag within the datagram, and the target's length.
        let aad = unsafe bytes.bindMemory(to: UInt8.self).baseAddress!
        let to = unsafe target.bindMemory(to: UInt8.self).baseAddress
        var nothing: UInt8 = 0
        return unsafe withUnsafeMutablePointer(to: &nothing) { empty in
          unsafe open(
            to: to ?? empty, from: aad + prefix, length: length, aad: aad, prefix, counter)
        }
      }
    }
  }

  /// The tag lies behind the ciphertext at `to`.
  @inline(__always)
  private borrowing func seal(
    to: UnsafeMutablePointer<UInt8>, from: UnsafePointer<UInt8>, length: Int,
    aad: UnsafePointer<UInt8>, _ aadLength: Int, _ counter: UInt64
  ) {
    let tag = unsafe to + length
    var nonce = nonce(counter)
    unsafe withUnsafeBytes(of: &nonce) {
      let nonce = unsafe $0.bindMemory(to: UInt8.self).baseAddress!
      switch (backend, suite) {
      case (.ipsecMB, _):
        unsafe cipsecmb_seal(schedule, to, from, length, nonce, aad, aadLength, tag)
      case (.sodium, .aes256GCM):
        _ = unsafe crypto_aead_aes256gcm_encrypt_detached_afternm(
          to, tag, nil, from, UInt64(length), aad, UInt64(aadLength), nil, nonce,
          schedule.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self))
      case (.sodium, .chaCha20Poly1305):
        _ = unsafe crypto_aead_chacha20poly1305_ietf_encrypt_detached(
          to, tag, nil, from, UInt64(length), aad, UInt64(aadLength), nil, nonce,
          schedule.assumingMemoryBound(to: UInt8.self))
      }
    }
  }

  /// The tag lies behind the ciphertext at `from`.
  @inline(__always)
  private borrowing func open(
    to: UnsafeMutablePointer<UInt8>, from: UnsafePointer<UInt8>, length: Int,
    aad: UnsafePointer<UInt8>, _ aadLength: Int, _ counter: UInt64
  ) -> Bool {
    let tag = unsafe from + length
    var nonce = nonce(counter)
    return unsafe withUnsafeBytes(of: &nonce) {
      let nonce = unsafe $0.bindMemory(to: UInt8.self).baseAddress!
      switch (backend, suite) {
      case (.ipsecMB, _):
        var computed: UInt128 = 0
        unsafe withUnsafeMutableBytes(of: &computed) { expected in
          let expected = unsafe expected.bindMemory(to: UInt8.self).baseAddress!
          unsafe cipsecmb_open(schedule, to, from, length, nonce, aad, aadLength, expected)
        }
        // As one number: no byte of it decides how long the comparison takes.
        let carried = unsafe UnsafeRawPointer(tag).loadUnaligned(as: UInt128.self)
        return computed ^ carried == 0
      case (.sodium, .aes256GCM):
        return unsafe crypto_aead_aes256gcm_decrypt_detached_afternm(
          to, nil, from, UInt64(length), tag, aad, UInt64(aadLength), nonce,
          schedule.assumingMemoryBound(to: crypto_aead_aes256gcm_state.self)) == 0
      case (.sodium, .chaCha20Poly1305):
        return unsafe crypto_aead_chacha20poly1305_ietf_decrypt_detached(
          to, nil, from, UInt64(length), tag, aad, UInt64(aadLength), nonce,
          schedule.assumingMemoryBound(to: UInt8.self)) == 0
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
