import IPv8Wire
import Testing

@testable import IPv8Crypto

/// docs/protocol/streams.md, "Connection"
@Suite("The certificate of streams")
struct CarrierCertificateTests {
  private static func certificate(_ byte: UInt8) -> CarrierCertificate {
    CarrierCertificate(seed: SecretBytes(copying: [UInt8](repeating: byte, count: 32).rawSpan))
  }

  @Test("is signed by its own key")
  func signature() throws {
    let seed = SecretBytes(copying: [UInt8](repeating: 1, count: 32).rawSpan)
    let key = IdentityKey(seed: seed)
    let bytes = CarrierCertificate(seed: seed).certificate
    // Both SEQUENCEs have lengths of one byte behind 0x81; the signature comes last.
    #expect(bytes[0] == 0x30 && bytes[1] == 0x81 && bytes[3] == 0x30 && bytes[4] == 0x81)
    let body = Array(bytes[3..<6 + Int(bytes[5])])
    #expect(key.permID.verifies(Array(bytes.suffix(64)), overTagged: body))
    #expect(!Self.certificate(2).certificate.elementsEqual(bytes))
  }

  @Test("is the same for the same key, and its private key is PKCS#8")
  func forms() {
    #expect(Self.certificate(3).certificate == Self.certificate(3).certificate)
    let prefix: [UInt8] = [
      0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
      0x20,
    ]
    // RFC 8410 §10.3
    #expect(Self.certificate(3).privateKey == prefix + [UInt8](repeating: 3, count: 32))
  }
}
