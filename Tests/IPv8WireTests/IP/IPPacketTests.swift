import IPv8Wire
import TestVectors
import Testing

@Suite("IP packets")
struct IPPacketTests {
  private static func packet(_ bytes: [UInt8]) -> IPPacket? { IPPacket(bytes.rawSpan) }

  private static func v4(_ words: Int, payload: Int) -> [UInt8] {
    let total = words * 4 + payload
    return [
      0x40 | UInt8(words), 0, UInt8(total >> 8), UInt8(total & 0xff), 0, 0, 0x20, 0x03, 64, 17,
    ]
      + [0, 0, 10, 1, 2, 3, 10, 4, 5, 6] + [UInt8](repeating: 7, count: total - 20)
  }

  private static func v6(payload: Int) -> [UInt8] {
    [0x60, 0, 0, 0, UInt8(payload >> 8), UInt8(payload & 0xff), 58, 64]
      + [UInt8](repeating: 1, count: 16) + [UInt8](repeating: 2, count: 16)
      + [UInt8](repeating: 3, count: payload)
  }

  @Test("of IPv4 give their fields, options and fragment offset included")
  func fields4() throws {
    for words in 5...15 {
      let bytes = Self.v4(words, payload: 11)
      let header = try #require(IPv4Header(in: bytes))
      #expect(header.source.description == "10.1.2.3")
      #expect(header.destination.description == "10.4.5.6")
      #expect(header.protocol == 17 && header.headerByteCount == words * 4)
      #expect(header.fragmentOffset == 24 && header.totalByteCount == words * 4 + 11)
      #expect(Self.packet(bytes) == .v4(header))
    }
  }

  @Test("of IPv6 give their fields")
  func fields6() throws {
    let bytes = Self.v6(payload: 9)
    let header = try #require(IPv6Header(in: bytes))
    #expect(header.source.description == "101:101:101:101:101:101:101:101")
    #expect(header.destination.description == "202:202:202:202:202:202:202:202")
    #expect(header.nextHeader == 58 && Self.packet(bytes) == .v6(header))
  }

  @Test("are nothing unless their own length says exactly what is there")
  func lengths() {
    for bytes in [Self.v4(5, payload: 30), Self.v4(9, payload: 0), Self.v6(payload: 30)] {
      #expect(Self.packet(bytes) != nil)
      #expect(Self.packet(bytes + [0]) == nil)
      for count in 0..<bytes.count { #expect(Self.packet(Array(bytes.prefix(count))) == nil) }
    }
  }

  @Test("are nothing with another version or a header length that cannot be")
  func versions() {
    for first in UInt8(0)...255 {
      let four = [first] + Self.v4(5, payload: 30).dropFirst()
      let isFour = first >> 4 == 4 && (5...12).contains(first & 15)
      #expect((Self.packet(four) != nil) == isFour)
      let six = [first] + Self.v6(payload: 30).dropFirst()
      let isSix: Bool = if case .v6 = Self.packet(six) { true } else { false }
      #expect(isSix == (first >> 4 == 6))
    }
  }

  @Test("quoted in errors may be cut behind their header")
  func quoted() {
    let bytes = Self.v4(6, payload: 30)
    for count in 0..<bytes.count {
      let part = Array(bytes.prefix(count))
      let header = IPv4Header(part.rawSpan, truncated: true)
      #expect((header != nil) == (count >= 24))
    }
  }
}
