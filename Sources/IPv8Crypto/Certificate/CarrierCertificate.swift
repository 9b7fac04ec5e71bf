import IPv8Wire

/// What a TLS server must show, where TLS only carries and peers are proved within it: a self-signed
/// X.509 certificate (RFC 5280) with an Ed25519 key (RFC 8410) of its own, not the identity's, that
/// names nobody and never expires.
public struct CarrierCertificate: Sendable {
  /// DER.
  public let certificate: [UInt8]
  /// PKCS#8 (RFC 5958), DER.
  public let privateKey: [UInt8]

  private static let ed25519 = DER.sequence(DER.objectIdentifier([0x2b, 0x65, 0x70]))

  /// - Parameter seed: 32 secret bytes, for this alone.
  public init(seed: SecretBytes) {
    let key = IdentityKey(seed: seed)
    let publicKey = key.permID.bytes
    let name = Self.name("localhost")
    let body = DER.sequence(
      DER.integer(Self.serial(publicKey)) + Self.ed25519 + name
        + DER.sequence(DER.utcTime("200101000000Z") + DER.utcTime("491231235959Z")) + name
        + DER.sequence(Self.ed25519 + DER.bitString(publicKey)))
    certificate = DER.sequence(
      body + Self.ed25519 + DER.bitString(key.signature(over: body)))
    privateKey = DER.sequence(
      DER.integer([0]) + Self.ed25519
        + DER.octetString(DER.octetString(seed.bytes.copyBytes())))
  }

  /// Positive, and another for each key.
  private static func serial(_ publicKey: [UInt8]) -> [UInt8] {
    [0x01] + BLAKE2b.hash(publicKey, count: 16).prefix(15)
  }

  /// A distinguished name of one common name (2.5.4.3).
  private static func name(_ text: String) -> [UInt8] {
    let attribute = DER.sequence(
      DER.objectIdentifier([0x55, 0x04, 0x03]) + DER.utf8String(text))
    return DER.sequence(DER.set(attribute))
  }
}

/// The little of X.690 that a certificate takes.
private enum DER {
  static func sequence(_ content: [UInt8]) -> [UInt8] { value(0x30, content) }
  static func set(_ content: [UInt8]) -> [UInt8] { value(0x31, content) }
  static func integer(_ bytes: [UInt8]) -> [UInt8] { value(0x02, bytes) }
  /// All bits of whole bytes.
  static func bitString(_ bytes: [UInt8]) -> [UInt8] { value(0x03, [0] + bytes) }
  static func octetString(_ bytes: [UInt8]) -> [UInt8] { value(0x04, bytes) }
  static func objectIdentifier(_ bytes: [UInt8]) -> [UInt8] { value(0x06, bytes) }
  static func utf8String(_ text: String) -> [UInt8] { value(0x0c, [UInt8](text.utf8)) }
  static func utcTime(_ text: String) -> [UInt8] { value(0x17, [UInt8](text.utf8)) }

  private static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    precondition(content.count < 1 << 16, "a length of two bytes")
    switch content.count {
    case ..<128: return [tag, UInt8(content.count)] + content
    case ..<256: return [tag, 0x81, UInt8(content.count)] + content
    default: return [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content
    }
  }
}
