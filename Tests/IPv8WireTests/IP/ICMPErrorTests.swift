import IPv8Wire
import TestVectors
import Testing

@Suite("ICMP errors")
struct ICMPErrorTests {
  private static let source6 = IPAddress.v6(IPv6Address(0xfde8 << 112 | 0xabc))
  private static let source4 = IPAddress.v4(IPv4Address(0x6440_0001))

  private static func error(
    _ packet: [UInt8], from source: IPAddress, _ reason: ICMPError.Reason = .unreachable
  ) -> [UInt8]? {
    ICMPError.message(reason, about: packet.rawSpan, from: source)
  }

  private static func v6(
    _ payload: [UInt8], next: UInt8 = 6,
    source: [UInt8] = [0xfd] + [UInt8](repeating: 1, count: 15),
    destination: [UInt8] = [0xfd] + [UInt8](repeating: 2, count: 15)
  ) -> [UInt8] {
    [0x60, 0, 0, 0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), next, 64] + source
      + destination + payload
  }

  private static func v4(
    _ payload: [UInt8], protocol: UInt8 = 6, fragment: UInt16 = 0, source: [UInt8] = [10, 1, 2, 3],
    destination: [UInt8] = [10, 4, 5, 6]
  ) -> [UInt8] {
    let total = 20 + payload.count
    return [0x45, 0, UInt8(total >> 8), UInt8(total & 0xff), 0, 0]
      + [UInt8(fragment >> 8), UInt8(fragment & 0xff), 64, `protocol`, 0, 0] + source + destination
      + payload
  }

  @Test("about IPv6 are valid ICMPv6 within 1280 bytes, from the given address to the sender")
  func errors6() throws {
    var random = TestRandom("ICMPv6 errors")
    for count in [0, 1, 7, 8, 9, 500, 1_191, 1_192, 1_193, 1_400, 9_000] {
      let packet = Self.v6(random.bytes(count))
      let error = try #require(Self.error(packet, from: Self.source6))
      let header = try #require(IPv6Header(in: error))
      #expect(error.count == min(1_280, 48 + packet.count) && header.nextHeader == 58)
      #expect(IPAddress.v6(header.source) == Self.source6)
      #expect(Array(error[24..<40]) == Array(packet[8..<24]))
      #expect(Array(error[40..<42]) == [1, 3] && Array(error[44..<48]) == [0, 0, 0, 0])
      #expect(Array(error[48...]) == Array(packet.prefix(1_232)))
      let length = error.count - 40
      let pseudo =
        Array(error[8..<40]) + [0, 0, UInt8(length >> 8), UInt8(length & 0xff), 0, 0, 0, 58]
      #expect(InternetChecksumTests.oracle(pseudo + error[40...]) == 0)
    }
  }

  @Test("about IPv4 are valid ICMP within 576 bytes, from the given address to the sender")
  func errors4() throws {
    var random = TestRandom("ICMP errors")
    for count in [0, 1, 7, 8, 9, 500, 527, 528, 529, 1_400, 9_000] {
      let packet = Self.v4(random.bytes(count))
      let error = try #require(Self.error(packet, from: Self.source4))
      let header = try #require(IPv4Header(in: error))
      #expect(error.count == min(576, 28 + packet.count) && header.protocol == 1)
      #expect(IPAddress.v4(header.source) == Self.source4)
      #expect(Array(error[16..<20]) == [10, 1, 2, 3])
      #expect(Array(error[20..<22]) == [3, 1] && Array(error[24..<28]) == [0, 0, 0, 0])
      #expect(Array(error[28...]) == Array(packet.prefix(548)))
      #expect(InternetChecksumTests.oracle(Array(error[0..<20])) == 0)
      #expect(InternetChecksumTests.oracle(Array(error[20...])) == 0)
    }
  }

  @Test("say which packets cross", arguments: [1_280, 1_420, 9_000, 70_000])
  func tooBig(mtu: Int) throws {
    let packet = Self.v6([UInt8](repeating: 7, count: 1_400))
    let error = try #require(Self.error(packet, from: Self.source6, .tooBig(mtu: mtu)))
    #expect(Array(error[40..<42]) == [2, 0])
    #expect(error.rawSpan.bigEndian(UInt32.self, at: 44) == UInt32(mtu))
    let length = error.count - 40
    let pseudo =
      Array(error[8..<40]) + [0, 0, UInt8(length >> 8), UInt8(length & 0xff), 0, 0, 0, 58]
    #expect(InternetChecksumTests.oracle(pseudo + error[40...]) == 0)
    let packet4 = Self.v4([UInt8](repeating: 7, count: 1_400))
    let error4 = try #require(Self.error(packet4, from: Self.source4, .tooBig(mtu: mtu)))
    #expect(Array(error4[20..<22]) == [3, 4] && Array(error4[24..<26]) == [0, 0])
    #expect(error4.rawSpan.bigEndian(UInt16.self, at: 26) == UInt16(clamping: mtu))
    #expect(InternetChecksumTests.oracle(Array(error4[20...])) == 0)
  }

  @Test("are not sent about errors, multicasts, unspecified senders or later fragments")
  func silence() {
    for type in UInt8(0)...255 {
      let six = Self.error(Self.v6([type, 0, 0, 0], next: 58), from: Self.source6)
      #expect((six != nil) == (type >= 128))
      let four = Self.error(Self.v4([type, 0, 0, 0], protocol: 1), from: Self.source4)
      #expect((four != nil) == [0, 8, 13, 14].contains(type))
    }
    let multicast = [0xff] + [UInt8](repeating: 1, count: 15)
    let zero = [UInt8](repeating: 0, count: 16)
    #expect(Self.error(Self.v6([], source: multicast), from: Self.source6) == nil)
    #expect(Self.error(Self.v6([], source: zero), from: Self.source6) == nil)
    #expect(Self.error(Self.v6([], destination: multicast), from: Self.source6) == nil)
    #expect(Self.error(Self.v4([], source: [224, 0, 0, 1]), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([], source: [0, 0, 0, 0]), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([], destination: [239, 0, 0, 1]), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([], destination: [255, 255, 255, 255]), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([], source: [255, 255, 255, 255]), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([], source: [127, 0, 0, 1]), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([1], fragment: 1), from: Self.source4) == nil)
    #expect(Self.error(Self.v4([1], fragment: 0x2000), from: Self.source4) != nil)
    #expect(Self.error(Self.v4([]), from: Self.source6) == nil)
    #expect(Self.error([], from: Self.source4) == nil)
  }
}
