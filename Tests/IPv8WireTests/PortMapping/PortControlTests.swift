import IPv8Wire
import TestVectors
import Testing

/// RFC 6887 §7 and §11, RFC 6886 §3.
@Suite("PCP and NAT-PMP messages")
struct PortControlTests {
  private static let nonce = [UInt8](1...12)
  private static let v4 = IPAddress.v4(IPv4Address(0xc0a8_0105))

  private static func pcp(_ text: String) -> PCPMessage.Response? {
    [UInt8](hex: text).flatMap { PCPMessage.response($0.rawSpan) }
  }

  private static func pmp(_ text: String) -> NATPMPMessage.Response? {
    [UInt8](hex: text).flatMap { NATPMPMessage.response($0.rawSpan) }
  }

  @Test("ask as the drawings of the RFCs say")
  func requests() {
    let fresh = PCPMessage.mapRequest(
      client: Self.v4, nonce: Self.nonce, internalPort: 0x1234, suggested: nil, lifetime: 7200)
    #expect(
      fresh.hex == "02010000" + "00001c20" + "00000000000000000000ffffc0a80105"
        + "0102030405060708090a0b0c" + "11000000" + "1234" + "0000"
        + "00000000000000000000ffff00000000")
    #expect(fresh.count == 60)
    let again = PCPMessage.mapRequest(
      client: .v6(IPv6Address(0x2001_0db8 << 96 | 1)), nonce: Self.nonce, internalPort: 1,
      suggested: Endpoint(.v6(IPv6Address(0x2001_0db8 << 96 | 2)), port: 0x5678), lifetime: 0)
    #expect(
      again.hex == "02010000" + "00000000" + "20010db8000000000000000000000001"
        + "0102030405060708090a0b0c" + "11000000" + "0001" + "5678"
        + "20010db8000000000000000000000002")
    #expect(NATPMPMessage.addressRequest.hex == "0000")
    #expect(
      NATPMPMessage.mapRequest(internalPort: 0x1234, suggestedPort: 0x5678, lifetime: 7200).hex
        == "00010000" + "1234" + "5678" + "00001c20")
  }

  private static let mapped =
    "02810000" + "00000e10" + "00000064" + "000000000000000000000000"
    + "0102030405060708090a0b0c" + "11000000" + "1234" + "5678"
    + "00000000000000000000ffff05050505"

  @Test("are read as the drawings say")
  func responses() {
    guard case .mapped(let mapping)? = Self.pcp(Self.mapped) else {
      Issue.record("no mapping")
      return
    }
    #expect(mapping.nonce == Self.nonce && mapping.internalPort == 0x1234)
    #expect(mapping.external == Endpoint(.v4(IPv4Address(0x0505_0505)), port: 0x5678))
    #expect(mapping.lifetime == 3_600 && mapping.epoch == 100)
    #expect(
      Self.pcp("02810001" + "0000001e" + "00000064" + "000000000000000000000000")
        == .refused(1, nonce: nil, seconds: 30))
    #expect(
      Self.pcp("02800000" + "00000000" + "00000064" + "000000000000000000000000")
        == .announced(epoch: 100))
    #expect(
      Self.pmp("00800000" + "00000064" + "05050505")
        == .address(IPv4Address(0x0505_0505), epoch: 100))
    #expect(
      Self.pmp("00810000" + "00000064" + "1234" + "5678" + "00000e10")
        == .mapped(internalPort: 0x1234, externalPort: 0x5678, lifetime: 3600, epoch: 100))
    #expect(Self.pmp("00810002" + "00000064") == .refused(opcode: 1, result: 2))
    #expect(Self.pmp("00800003" + "00000064" + "00000000") == .refused(opcode: 0, result: 3))
  }

  @Test("cut short or of another kind are none")
  func refusals() throws {
    let whole = try #require([UInt8](hex: Self.mapped))
    for count in 0..<whole.count {
      #expect(PCPMessage.response(Array(whole.prefix(count)).rawSpan) == nil)
    }
    let address = try #require([UInt8](hex: "008000000000006405050505"))
    for count in 0..<address.count {
      #expect(NATPMPMessage.response(Array(address.prefix(count)).rawSpan) == nil)
    }
    // Requests, another version, another opcode, TCP.
    for (place, value) in [(1, 0x01), (0, 1), (0, 3), (1, 0x82), (36, 6)] as [(Int, UInt8)] {
      var bytes = whole
      bytes[place] = value
      #expect(PCPMessage.response(bytes.rawSpan) == nil)
      #expect(NATPMPMessage.response(bytes.rawSpan) == nil)
    }
  }
}
