import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

/// docs/protocol/addresses.md, "IPv4 aliases".
@Suite("Aliases of a range")
struct AliasRangeTests {
  struct Frozen: Decodable {
    struct Alias: Decodable {
      let permID: Hex
      let range: String
      let index: UInt32
      let alias: String?
    }
    let aliases: [Alias]
  }

  @Test("are those that an independent implementation froze")
  func frozen() throws {
    let aliases = try VectorFile.json("frozen.json", as: Frozen.self).aliases
    #expect(aliases.contains { $0.alias == nil } && aliases.contains { $0.alias != nil })
    for alias in aliases {
      let range = AliasRange(try #require(IPv4Prefix(text: alias.range)))
      let permID = try #require(PermID(alias.permID.bytes))
      #expect(range.candidate(for: permID, index: alias.index)?.description == alias.alias)
    }
  }

  @Test("lie within the range, off its ends and off the reserved addresses")
  func bounds() throws {
    var random = TestRandom("AliasRange")
    for length in 0...32 {
      let prefix = IPv4Prefix(containing: IPv4Address(0x6473_5d80), length: length)
      let range = AliasRange(prefix)
      let last = IPv4Prefix(containing: IPv4Address(.max), length: length)
      for index in 0..<UInt32(200) {
        let permID = try #require(PermID(random.bytes(32)))
        guard let address = range.candidate(for: permID, index: index) else { continue }
        #expect(length < 31 && prefix.contains(address))
        #expect(address != prefix.address)
        #expect(address.value != prefix.address.value | ~last.address.value)
        #expect(!AliasRange.reserved.contains(address))
      }
    }
  }

  @Test("are the first candidates that are not excluded, and none where all are")
  func exclusion() throws {
    var random = TestRandom("AliasRange exclusion")
    for _ in 0..<200 {
      let permID = try #require(PermID(random.bytes(32)))
      let range = AliasRange(IPv4Prefix(containing: IPv4Address(0xc0a8_8000), length: 28))
      let modulus = UInt32(2 + random.next() % 5)
      let expected = (0..<AliasRange.attempts).first {
        range.candidate(for: permID, index: $0).map { $0.value % modulus == 0 } ?? false
      }
      let found = range.alias(for: permID) { $0.value % modulus != 0 }
      #expect(found?.index == expected)
      #expect(found?.address == expected.flatMap { range.candidate(for: permID, index: $0) })
      #expect(range.alias(for: permID) { _ in true } == nil)
      #expect(AliasRange.canonical.prefix.contains(AliasRange.wireAlias(of: permID)))
    }
  }
}
