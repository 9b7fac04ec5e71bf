import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/p2tp.md, "Options".
@Suite("Handshake options")
struct HandshakeOptionsTests {
  private static func parse(_ bytes: [UInt8], from offset: Int = 8) -> HandshakeOptions? {
    HandshakeOptions(bytes.rawSpan, from: offset)
  }

  private static let header = [UInt8](repeating: 0, count: 8)

  private static func option(_ kind: UInt8, _ value: [UInt8]) -> [UInt8] {
    [kind, UInt8(value.count >> 8), UInt8(value.count & 0xff)] + value
  }

  @Test("are read as they are written")
  func roundTrip() {
    var random = TestRandom("HandshakeOptions")
    for _ in 0..<2_000 {
      var options = HandshakeOptions()
      if random.oneIn(2) { options.message1 = random.bytes(Int(random.next() % 300)) }
      if random.oneIn(2) {
        options.message2 = (
          SessionID(random.integer()), random.bytes(1 + Int(random.next() % 200))
        )
      }
      if random.oneIn(2) { options.token = random.bytes(16) }
      if random.oneIn(2) { options.padding = Int(random.next() % 100) }
      var datagram = Self.header
      options.append(to: &datagram)
      if random.oneIn(2) {
        let mac = random.bytes(16)
        options.mac1 = mac
        HandshakeOptions.appendMAC1(mac, to: &datagram)
      }
      #expect(Self.parse(datagram) == options)
      #expect(options.isEmpty == (datagram.count == 8))
    }
  }

  @Test("have the bytes of the drawing")
  func bytes() {
    var datagram: [UInt8] = []
    HandshakeOptions(
      message1: [0xaa, 0xbb], message2: (SessionID(0x0102_0304), [0xcc]),
      token: [UInt8](repeating: 0x55, count: 16), padding: 2
    ).append(to: &datagram)
    HandshakeOptions.appendMAC1([UInt8](repeating: 0x66, count: 16), to: &datagram)
    #expect(
      datagram.hex == "0000020000" + "010002aabb" + "02000501020304cc" + "030010"
        + String(repeating: "55", count: 16) + "040010" + String(repeating: "66", count: 16))
  }

  @Test("are refused when truncated anywhere but between options")
  func truncation() {
    let options =
      Self.option(0, [0, 0]) + Self.option(1, [1, 2, 3]) + Self.option(2, [0, 0, 0, 1, 9])
      + Self.option(3, [UInt8](repeating: 3, count: 16))
      + Self.option(4, [UInt8](repeating: 4, count: 16))
    let ends = [0, 5, 11, 19, 38, 57]
    for count in 0...options.count {
      let parsed = Self.parse(Self.header + options.prefix(count))
      #expect((parsed != nil) == ends.contains(count), "\(count) bytes")
    }
  }

  @Test("are refused when repeated, of a wrong length, unknown and mandatory, or behind MAC1")
  func refusals() {
    let mac1 = Self.option(4, [UInt8](repeating: 4, count: 16))
    let valid = [
      Self.option(0, []), Self.option(1, [1]), Self.option(2, [0, 0, 0, 1, 9]),
      Self.option(3, [UInt8](repeating: 3, count: 16)), mac1,
    ]
    for option in valid {
      #expect(Self.parse(Self.header + option) != nil)
      #expect(Self.parse(Self.header + option + option) == nil)
      #expect(Self.parse(Self.header + mac1 + option) == nil)
    }
    for length in [0, 1, 15, 17, 32] {
      let value = [UInt8](repeating: 0, count: length)
      #expect(Self.parse(Self.header + Self.option(3, value)) == nil)
      #expect(Self.parse(Self.header + Self.option(4, value)) == nil)
    }
    for length in 0...4 {
      #expect(Self.parse(Self.header + Self.option(2, [UInt8](repeating: 0, count: length))) == nil)
    }
    for kind in UInt8(0)...255 where kind > 4 {
      let skipped = Self.parse(Self.header + Self.option(kind, [1, 2]))
      #expect((skipped != nil) == (kind >= 0x80), "\(kind)")
      #expect(skipped?.isEmpty ?? true)
    }
  }

  @Test("have padding whose content nobody reads")
  func padding() {
    #expect(Self.parse(Self.header + Self.option(0, [0, 0]))?.padding == 2)
    #expect(Self.parse(Self.header + Self.option(0, [7, 1, 9]))?.padding == 3)
  }

  @Test("fill a datagram of 1200 bytes and no longer")
  func limit() {
    let fits = Self.header + Self.option(1, [UInt8](repeating: 0, count: 1_200 - 8 - 3))
    #expect(fits.count == 1_200 && Self.parse(fits) != nil)
    let tooLong = Self.header + Self.option(1, [UInt8](repeating: 0, count: 1_200 - 8 - 2))
    #expect(Self.parse(tooLong) == nil)
    #expect(Self.parse([1, 2, 3], from: 8) == nil)
  }
}
