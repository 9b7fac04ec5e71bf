import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/handshake.md, "Noise".
@Suite("X25519")
struct X25519VectorTests {
  struct File: Decodable {
    struct Group: Decodable { let tests: [Vector] }
    struct Vector: Decodable {
      let tcId: Int
      let flags: [String]
      let `public`: Hex
      let `private`: Hex
      let shared: Hex
    }
    let testGroups: [Group]
  }

  @Test("agrees with Wycheproof, which has RFC 7748's known answers, and refuses zero secrets")
  func vectors() throws {
    let vectors = try VectorFile.json("wycheproof_x25519_test.json", as: File.self)
      .testGroups.flatMap(\.tests)
    #expect(vectors.count == 518)
    var zero = 0
    for vector in vectors {
      let key = AgreementKey(secret: SecretBytes(vector.private.bytes))
      let shared = key.agree(with: vector.public.bytes)
      if vector.shared.bytes.allSatisfy({ $0 == 0 }) {
        zero += 1
        #expect(shared == nil, "\(vector.tcId)")
      } else {
        #expect(shared?.bytes.copyBytes() == vector.shared.bytes, "\(vector.tcId)")
      }
    }
    #expect(zero == 31)
  }
}
