import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

@Suite("Hashes")
struct HashVectorTests {
  struct File: Decodable {
    struct Group: Decodable { let tests: [Vector] }
    struct Vector: Decodable {
      let tcId: Int
      let key: Hex
      let msg: Hex
      let tag: Hex
      let result: String
    }
    let testGroups: [Group]
  }

  @Test("keyed BLAKE2b gives the 256 known answers of its authors")
  func blake2b() throws {
    let lines = try VectorFile.text("blake2b-kat.txt").split(separator: "\n")
    func values(_ field: String) -> [[UInt8]] {
      lines.filter { $0.hasPrefix("\(field):") }.compactMap {
        [UInt8](hex: $0.dropFirst(field.count + 1).drop { $0 == "\t" })
      }
    }
    let (inputs, keys, digests) = (values("in"), values("key"), values("hash"))
    #expect([inputs.count, keys.count, digests.count] == [256, 256, 256])
    for index in inputs.indices {
      let key = SecretBytes(keys[index])
      #expect(BLAKE2b.hash(inputs[index], count: 64, key: key) == digests[index])
    }
  }

  @Test("SipHash-2-4 and its 128-bit variant agree with Wycheproof")
  func sipHash() throws {
    let short = try VectorFile.json("wycheproof_siphash_2_4_test.json", as: File.self)
      .testGroups.flatMap(\.tests)
    let long = try VectorFile.json("wycheproof_siphashx_2_4_test.json", as: File.self)
      .testGroups.flatMap(\.tests)
    #expect(short.count == 40 && long.count == 40)
    #expect((short + long).allSatisfy { $0.result == "valid" })
    for vector in short {
      let key = SecretBytes(vector.key.bytes)
      var expected: [UInt8] = []
      // The result is written little-endian.
      expected.append(bigEndian: SipHash.hash64(vector.msg.bytes, key: key).byteSwapped)
      #expect(expected == vector.tag.bytes, "\(vector.tcId)")
    }
    for vector in long {
      let key = SecretBytes(vector.key.bytes)
      #expect(SipHash.hash128(vector.msg.bytes, key: key) == vector.tag.bytes, "\(vector.tcId)")
    }
  }
}
