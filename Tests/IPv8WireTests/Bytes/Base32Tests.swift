import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/identity.md, "PermID".
@Suite("Base32")
struct Base32Tests {
  /// RFC 4648 §10, lower-case and without padding.
  private static let vectors = [
    ("", ""), ("f", "my"), ("fo", "mzxq"), ("foo", "mzxw6"), ("foob", "mzxw6yq"),
    ("fooba", "mzxw6ytb"), ("foobar", "mzxw6ytboi"),
  ]

  @Test("gives the examples of RFC 4648", arguments: vectors)
  func examples(text: String, encoded: String) {
    #expect(Base32.encode(Array(text.utf8)) == encoded)
    #expect(Base32.decode(encoded) == Array(text.utf8))
  }

  /// Bit by bit, as the RFC says it.
  private static func oracle(_ bytes: [UInt8]) -> String {
    var bits = bytes.flatMap { byte in (0..<8).map { byte >> UInt8(7 - $0) & 1 } }
    while bits.count % 5 != 0 { bits.append(0) }
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String(
      stride(from: 0, to: bits.count, by: 5).map { start in
        alphabet[bits[start..<start + 5].reduce(0) { $0 * 2 + Int($1) }]
      })
  }

  @Test("round-trips random bytes and agrees with a bit-by-bit encoder")
  func roundTrip() {
    var random = TestRandom("Base32")
    for count in 0..<300 {
      let bytes = random.bytes(count % 70)
      let text = Base32.encode(bytes)
      #expect(text == Self.oracle(bytes))
      #expect(Base32.decode(text) == bytes)
    }
  }

  @Test("has one text for each value: whatever decodes encodes to the same text")
  func canonical() {
    var random = TestRandom("Base32 canonicality")
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    var decoded = 0
    for _ in 0..<20_000 {
      let text = String(
        (0..<Int(random.next() % 12)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
      guard let bytes = Base32.decode(text) else { continue }
      decoded += 1
      #expect(Base32.encode(bytes) == text)
    }
    #expect(decoded > 1_000)
  }

  @Test(
    "refuses other alphabets, padding, impossible lengths and leftover bits",
    arguments: [
      "MY", "my======", "m1", "m0", "m8", "m y", "m\u{e4}", "a", "abc", "abcdef", "mz", "mzxr",
      "my\n", " my", "mzxw7",
    ])
  func refusals(text: String) {
    #expect(Base32.decode(text) == nil)
  }
}
