import IPv8Wire
import Testing

@testable import IPv8Crypto

@Suite("Entropy")
struct EntropyTests {
  private static func entropy(_ byte: UInt8) -> Entropy {
    Entropy(seed: SecretBytes([UInt8](repeating: byte, count: 32)))
  }

  @Test("is the same from the same seed, differs between seeds, and never repeats itself")
  func determinism() {
    var a = Self.entropy(1)
    var b = Self.entropy(1)
    var c = Self.entropy(2)
    var seen: Set<[UInt8]> = []
    for count in 16..<80 {
      let bytes = a.bytes(count)
      let (same, other) = (b.bytes(count), c.bytes(count))
      #expect(bytes == same && bytes != other)
      #expect(seen.insert(Array(bytes.prefix(16))).inserted)
    }
  }

  @Test("secrets compare by content")
  func equality() {
    let a = SecretBytes([UInt8]([1, 2, 3]))
    #expect(SecretBytes.equal(a, SecretBytes([UInt8]([1, 2, 3]), guarded: true)))
    #expect(!SecretBytes.equal(a, SecretBytes([UInt8]([1, 2, 4]))))
    #expect(!SecretBytes.equal(a, SecretBytes([UInt8]([1, 2]))))
  }
}
