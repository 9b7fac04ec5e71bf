import TestVectors
import Testing

@testable import IPv8Wire

@Suite("Base64")
struct Base64Tests {
  private func decode(_ text: String) -> [UInt8]? { Base64.decode(Array(text.utf8)) }

  @Test("the examples of RFC 4648, section 10, go both ways")
  func examples() {
    for (plain, text) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ] {
      #expect(Base64.encode(Array(plain.utf8)) == text && decode(text) == Array(plain.utf8))
    }
  }

  @Test("a value has one text")
  func canonical() {
    for text in [
      "Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", "Zg==Zg==", "Z g=", "Zm9v\n",
      "Zm-_", "Zm8=Zm9v", "A=B=", "AB==C===",
    ] {
      #expect(decode(text) == nil, "\(text)")
    }
    var random = TestRandom("base64")
    for count in 0..<300 {
      let bytes = random.bytes(count)
      #expect(decode(Base64.encode(bytes)) == bytes)
    }
  }
}
