import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/identity.md, "PermID".
@Suite("PermID")
struct PermIDTests {
  @Test("is ordered bytewise, and its text is read as it is written")
  func order() throws {
    var random = TestRandom("PermID")
    for _ in 0..<5_000 {
      let a = random.bytes(32)
      var b = random.oneIn(2) ? random.bytes(32) : a
      b[Int(random.next() % 32)] ^= 1 << UInt8(random.next() % 8)
      let left = try #require(PermID(a))
      let right = try #require(PermID(b))
      #expect((left < right) == a.lexicographicallyPrecedes(b))
      #expect((left == right) == (a == b))
      #expect(left.bytes == a && left.description.utf8.count == PermID.textLength)
      #expect(PermID(text: left.description) == left)
    }
  }

  @Test("has exactly 32 bytes and 52 characters of canonical text")
  func refusals() throws {
    for count in [0, 31, 33, 64] { #expect(PermID([UInt8](repeating: 1, count: count)) == nil) }
    let text = try #require(PermID([UInt8](repeating: 0xff, count: 32))).description
    #expect(PermID(text: text.dropLast()) == nil && PermID(text: text + "a") == nil)
    #expect(PermID(text: text.uppercased()) == nil)
    // The last character carries one bit; the four below it must be zero.
    for last in "abcdefghijklmnopqrstuvwxyz234567" {
      let accepted = PermID(text: text.dropLast() + String(last)) != nil
      #expect(accepted == (last == "a" || last == "q"))
    }
  }

  @Test("overlay addresses are those of fde8::/16")
  func overlay() throws {
    #expect(OverlayAddress(text: "fde8::1")?.description == "fde8::1")
    #expect(OverlayAddress(text: "fde9::1") == nil && OverlayAddress(text: "fde7::") == nil)
    #expect(OverlayAddress(text: "192.0.2.1") == nil)
    #expect(OverlayAddress.prefix.description == "fde8::/16")
  }
}
