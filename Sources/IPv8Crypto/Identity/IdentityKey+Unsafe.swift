import CSodium
import IPv8Wire

/// The secret half of a peer's identity: an Ed25519 key (RFC 8032) and the X25519 key made from it
/// (protocol §2.3).
public struct IdentityKey: Sendable {
  public static let seedByteCount = 32
  public static let signatureByteCount = 64

  public let permID: PermID
  /// The static key of the handshake.
  public let agreementKey: AgreementKey
  /// libsodium's form: seed ‖ public key, 64 bytes.
  private let signingKey: SecretBytes

  /// - Parameter seed: 32 secret bytes.
  public init(seed: SecretBytes) {
    precondition(seed.count == Self.seedByteCount, "a 32-byte seed")
    var publicKey = [UInt8](repeating: 0, count: 32)
    signingKey = SecretBytes(count: 64, guarded: true) { (block: inout MutableRawSpan) in
      unsafe block.withUnsafeMutableBytes { out in
        unsafe seed.bytes.withUnsafeBytes { seed in
          // Sound: out has 64 bytes, the public key and the seed 32.
          _ = unsafe crypto_sign_ed25519_seed_keypair(
            &publicKey, out.bindMemory(to: UInt8.self).baseAddress!,
            seed.bindMemory(to: UInt8.self).baseAddress!)
        }
      }
    }
    guard let permID = PermID(publicKey) else { preconditionFailure("32 bytes make a PermID") }
    self.permID = permID
    let signingKey = signingKey
    let scalar = SecretBytes(count: 32, guarded: true) { (block: inout MutableRawSpan) in
      unsafe block.withUnsafeMutableBytes { out in
        unsafe signingKey.bytes.withUnsafeBytes { key in
          // Sound: out has 32 bytes, the key 64.
          _ = unsafe crypto_sign_ed25519_sk_to_curve25519(
            out.bindMemory(to: UInt8.self).baseAddress!,
            key.bindMemory(to: UInt8.self).baseAddress!)
        }
      }
    }
    agreementKey = AgreementKey(secret: scalar)
  }

  /// The seed to be stored.
  public var seed: SecretBytes { SecretBytes(copying: signingKey.bytes.extracting(0..<32)) }

  /// The 64-byte signature over `message`, which begins with its domain's tag
  /// (``SignatureDomain``): bare peer-chosen bytes are never signed.
  public func sign(_ message: [UInt8], domain: SignatureDomain) -> [UInt8] {
    signature(over: domain.tag + message)
  }

  /// As above over the whole message: for keys that sign nothing else.
  func signature(over message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: Self.signatureByteCount)
    unsafe signingKey.bytes.withUnsafeBytes { key in
      // Sound: the signature has 64 bytes, the key 64.
      _ = unsafe crypto_sign_ed25519_detached(
        &signature, nil, message, UInt64(message.count),
        key.bindMemory(to: UInt8.self).baseAddress!)
    }
    return signature
  }
}

/// The 16-byte tags in front of everything that is signed; each exists here once (protocol §6.1).
public enum SignatureDomain: Sendable {
  case binding
  case introduction
  case relation

  var tag: [UInt8] {
    switch self {
    case .binding: [UInt8]("ipv8-binding-v1\0".utf8)
    case .introduction: [UInt8]("ipv8-intro-v1\0\0\0".utf8)
    case .relation: [UInt8]("ipv8-relation-v1".utf8)
    }
  }
}

extension PermID {
  /// Whether `signature` (64 bytes) is this identity's over `message` in `domain`; strict:
  /// non-canonical scalars and points of small order are refused.
  public func verifies(_ signature: [UInt8], over message: [UInt8], domain: SignatureDomain)
    -> Bool
  {
    verifies(signature, overTagged: domain.tag + message)
  }

  /// As above over the whole message; for test vectors, which know no domains.
  func verifies(_ signature: [UInt8], overTagged message: [UInt8]) -> Bool {
    guard signature.count == IdentityKey.signatureByteCount, sodiumIsReady else { return false }
    // Sound: the signature has 64 bytes, a PermID 32.
    return unsafe crypto_sign_ed25519_verify_detached(
      signature, message, UInt64(message.count), bytes) == 0
  }

  /// The X25519 public key that belongs to this identity (32 bytes); nil where the PermID is no
  /// point of the prime-order group, and so nobody's identity.
  ///
  /// A PermID and the one with the other sign bit have the same X25519 key: who compares keys must
  /// compare the PermID itself (protocol §2.3).
  public var agreementPublicKey: [UInt8]? {
    precondition(sodiumIsReady, "libsodium works")
    var key = [UInt8](repeating: 0, count: 32)
    // Sound: both are 32 bytes.
    return unsafe crypto_sign_ed25519_pk_to_curve25519(&key, bytes) == 0 ? key : nil
  }
}
