import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/identity.md, "PermID".
@Suite("Ed25519")
struct Ed25519VectorTests {
  struct File: Decodable {
    struct Group: Decodable {
      struct Key: Decodable { let pk: Hex }
      let publicKey: Key
      let tests: [Vector]
    }
    struct Vector: Decodable {
      let tcId: Int
      let msg: Hex
      let sig: Hex
      let result: String
    }
    let testGroups: [Group]
  }

  @Test("accepts the valid and refuses the invalid of Wycheproof, with RFC 8032's known answers")
  func vectors() throws {
    let groups = try VectorFile.json("wycheproof_ed25519_test.json", as: File.self).testGroups
    var count = (valid: 0, invalid: 0)
    for group in groups {
      let permID = try #require(PermID(group.publicKey.pk.bytes))
      for vector in group.tests {
        let accepted = permID.verifies(vector.sig.bytes, overTagged: vector.msg.bytes)
        #expect(accepted == (vector.result == "valid"), "\(vector.tcId)")
        if accepted { count.valid += 1 } else { count.invalid += 1 }
      }
    }
    #expect(count == (88, 63))
  }
}
