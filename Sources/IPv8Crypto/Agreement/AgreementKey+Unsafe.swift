import CSodium
import IPv8Wire

/// An X25519 key pair (RFC 7748).
public struct AgreementKey: Sendable {
  public let secret: SecretBytes
  /// 32 bytes.
  public let publicKey: [UInt8]

  /// - Parameter secret: 32 bytes; clamped by X25519 itself.
  public init(secret: SecretBytes) {
    precondition(secret.count == 32, "a 32-byte scalar")
    self.secret = secret
    var key = [UInt8](repeating: 0, count: 32)
    unsafe secret.bytes.withUnsafeBytes { scalar in
      // Sound: both are 32 bytes.
      _ = unsafe crypto_scalarmult_base(&key, scalar.bindMemory(to: UInt8.self).baseAddress!)
    }
    publicKey = key
  }

  /// The shared secret with `peer` (32 bytes); nil where it would be all zero, which a peer's point
  /// of small order makes (RFC 7748 §6.1).
  public func agree(with peer: [UInt8]) -> SecretBytes? {
    precondition(peer.count == 32, "a 32-byte point")
    var status: Int32 = 0
    let shared = SecretBytes(count: 32) { (block: inout MutableRawSpan) in
      unsafe block.withUnsafeMutableBytes { out in
        unsafe secret.bytes.withUnsafeBytes { scalar in
          // Sound: all three are 32 bytes.
          unsafe status = crypto_scalarmult(
            out.bindMemory(to: UInt8.self).baseAddress!,
            scalar.bindMemory(to: UInt8.self).baseAddress!, peer)
        }
      }
    }
    return status == 0 ? shared : nil
  }
}
