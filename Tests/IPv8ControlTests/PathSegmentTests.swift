import Testing

@testable import IPv8Control

@Suite struct PathSegmentTests {
  @Test("any text comes back, and its form on the wire is unreserved characters and escapes")
  func roundTrip() {
    for text in ["", "bob", "a/b?c#d", "50%", "%2F", "é\u{301}", "東京 2", "\u{0}\u{7f}", "[::1]"] {
      let segment = PathSegment(text)
      #expect(segment.text.map { Array($0.utf8) } == Array(text.utf8))
      #expect(segment.encoded.utf8.allSatisfy { (0x21...0x7e).contains($0) })
      #expect(!segment.encoded.contains { "/?#[]".contains($0) })
    }
  }

  @Test("escapes are read in either case", arguments: ["%2f%2F", "//"])
  func cases(_ encoded: String) {
    #expect(PathSegment(encoded: encoded).text == "//")
  }

  @Test(
    "a broken escape and bytes that are no UTF-8 have no text",
    arguments: ["%", "%2", "%g0", "%0g", "a%", "%ff", "%c3", "%+1", "%ed%a0%80"])
  func broken(_ encoded: String) {
    #expect(PathSegment(encoded: encoded).text == nil)
  }
}
