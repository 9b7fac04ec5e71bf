import Glibc
import IPv8Wire
import TestVectors
import Testing

@Suite("Address text")
struct AddressTextTests {
  @Test(
    "of IPv6 is written as RFC 5952 §4 and §5 say",
    arguments: [
      ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
      ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
      ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
      ("2001:DB8::AbCd", "2001:db8::abcd"), ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"),
      ("1::", "1::"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
      ("::ffff:c000:0201", "::ffff:192.0.2.1"), ("::192.0.2.1", "::c000:201"),
      ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
      ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
  func rfc5952(text: String, canonical: String) {
    #expect(IPv6Address(text: text)?.description == canonical)
  }

  @Test(
    "of IPv6 is refused where it is not RFC 4291's",
    arguments: [
      "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:",
      ":1", "::1:", "1:::2", "1.2.3.4", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4",
      "1.2.3.4::", "::1.2.3.4:1", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8::", "::1%1", " ::1",
      "::1 ", "::+1", "::-1", "::\u{661}", "[::1]", "1::2:3:4:5:6:7:8",
    ])
  func refusals6(text: String) {
    #expect(IPv6Address(text: text) == nil)
    #expect(Self.inet6(text) == nil)
  }

  @Test(
    "of IPv4 is four plain decimal numbers",
    arguments: [
      "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4 ", "1..2.3", "1.2.3.",
      ".1.2.3", "0x1.2.3.4", "1.2.3.+4", "1.2.3.\u{664}", "1.2.3.00000",
    ])
  func refusals4(text: String) {
    #expect(IPv4Address(text: text) == nil)
    #expect(Self.inet4(text) == nil)
  }

  private static func inet6(_ text: String) -> UInt128? {
    var bytes = [UInt8](repeating: 0, count: 16)
    guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
    return bytes.reduce(0) { $0 << 8 | UInt128($1) }
  }

  private static func inet4(_ text: String) -> UInt32? {
    var bytes = [UInt8](repeating: 0, count: 4)
    guard inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
    return bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Values with runs of zero groups, as random bits would hardly have.
  private static func sparse(_ random: inout TestRandom) -> UInt128 {
    (0..<8).reduce(UInt128(0)) { value, _ in
      let group = random.next()
      let sparse = group >> 32 & 3 == 0 ? group & 0xffff : group >> 32 & 3 == 1 ? group & 0xf : 0
      return value << 16 | UInt128(sparse)
    }
  }

  @Test("is read and written as the C library does, on 100,000 random addresses")
  func agreesWithC() {
    var random = TestRandom("Address text")
    for round in 0..<50_000 {
      let v4 = IPv4Address(random.integer())
      let v6 = IPv6Address(round % 2 == 0 ? Self.sparse(&random) : random.integer())
      let texts = (v4.description, v6.description)
      guard IPv4Address(text: texts.0) == v4, Self.inet4(texts.0) == v4.value,
        IPv6Address(text: texts.1) == v6, Self.inet6(texts.1) == v6.value,
        IPAddress(text: texts.0) == .v4(v4), IPAddress(text: texts.1) == .v6(v6)
      else {
        Issue.record("\(texts)")
        return
      }
      // The C library writes the deprecated ::a.b.c.d; otherwise both texts are one.
      if v6.value >> 32 != 0 {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: v6.value)
        var text = [CChar](repeating: 0, count: 46)
        inet_ntop(AF_INET6, bytes, &text, 46)
        let written = String(
          decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #expect(written == texts.1)
      }
    }
  }

  @Test("is accepted exactly where the C library accepts it, on random edits of valid text")
  func edits() {
    var random = TestRandom("Address text edits")
    let characters = Array("0123456789abcdefF:::...%/ ")
    for _ in 0..<50_000 {
      var text = Array(
        random.oneIn(4)
          ? IPv4Address(random.integer()).description
          : IPv6Address(Self.sparse(&random)).description)
      for _ in 0...(random.next() % 3) {
        let place = Int(random.next() % UInt64(text.count + 1))
        if random.oneIn(2), place < text.count {
          text.remove(at: place)
        } else {
          text.insert(characters.randomElement(using: &random) ?? ":", at: place)
        }
      }
      let edited = String(text)
      #expect(IPv6Address(text: edited)?.value == Self.inet6(edited), "\(edited)")
      #expect(IPv4Address(text: edited)?.value == Self.inet4(edited), "\(edited)")
    }
  }
}
