import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/records.md, "Sealing".
@Suite("The AEADs")
struct AEADVectorTests {
  struct File: Decodable {
    struct Group: Decodable {
      let ivSize: Int
      let tests: [Vector]
    }
    let testGroups: [Group]
  }

  struct Vector: Decodable {
    let tcId: Int
    let flags: [String]
    let key: Hex
    let iv: Hex
    let aad: Hex
    let msg: Hex
    let ct: Hex
    let tag: Hex
    let result: String
  }

  @Test(
    "ChaCha20-Poly1305 agrees with Wycheproof, which has RFC 8439's known answers (as RFC 7539)")
  func chaCha20Poly1305() throws {
    let file = try VectorFile.json(
      "wycheproof_chacha20_poly1305_test.json", as: File.self)
    let all = file.testGroups.flatMap(\.tests)
    let vectors = all.filter { $0.iv.bytes.count == 12 }
    // The others have nonces of other lengths, which the construction does not take.
    #expect(all.count == 325 && vectors.count == 316)
    #expect(vectors.contains { $0.flags.contains("Ktv") })
    for vector in vectors { check(vector, .chaCha20Poly1305) }
  }

  @Test(
    "AES-256-GCM agrees with Wycheproof on each backend that this machine has",
    arguments: [OneShot.aes256GCMBySodium, .aes256GCMByIPSecMB].filter(\.isPresent))
  func aes256GCM(backend: OneShot) throws {
    let file = try VectorFile.json("wycheproof_aes_gcm_256_96_test.json", as: File.self)
    let vectors = file.testGroups.flatMap(\.tests)
    #expect(vectors.count == 66)
    for vector in vectors { check(vector, backend) }
  }

  @Test("AES-256-GCM has both backends on x86-64 with the instructions")
  func backends() {
    #if arch(x86_64)
      #expect(AEADBackend.forAES256GCM == .ipsecMB)
      #expect(OneShot.aes256GCMBySodium.isPresent)
    #else
      #expect(!OneShot.aes256GCMByIPSecMB.isPresent)
    #endif
  }

  private func check(_ vector: Vector, _ cipher: OneShot) {
    let (key, nonce, aad) = (vector.key.bytes, vector.iv.bytes, vector.aad.bytes)
    let sealed = vector.ct.bytes + vector.tag.bytes
    let opened = cipher.open(sealed, key: key, nonce: nonce, aad: aad)
    if vector.result == "valid" {
      #expect(opened == vector.msg.bytes, "\(cipher) \(vector.tcId)")
      #expect(
        cipher.seal(vector.msg.bytes, key: key, nonce: nonce, aad: aad) == sealed,
        "\(cipher) \(vector.tcId)")
    } else {
      #expect(opened == nil, "\(cipher) \(vector.tcId)")
    }
  }
}
