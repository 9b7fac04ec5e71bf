import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/handshake.md, "Payloads".
@Suite("Handshake payloads")
struct HandshakePayloadTests {
  private static let permID = PermID([UInt8](1...32))

  @Test("have the bytes of the drawing")
  func bytes() throws {
    let initiator = InitiatorPayload(
      capabilities: PeerCapabilities(rawValue: 0x0c), aeadOffer: 3,
      sessionID: SessionID(0x0a0b_0c0d),
      time: WallTime(milliseconds: 0x0102_0304_0506_0708), permID: try #require(Self.permID),
      extensions: HandshakeExtensions(binding: [0xee, 0xff]))
    #expect(
      initiator.bytes.hex == "010c0300" + "0a0b0c0d" + "0102030405060708"
        + [UInt8](1...32).hex + "020002eeff")
    let responder = ResponderPayload(
      capabilities: PeerCapabilities(rawValue: 0x0c), aeadChosen: 1,
      sessionID: SessionID(0x0a0b_0c0d))
    #expect(responder.bytes.hex == "010c01000a0b0c0d")
  }

  @Test("are read as they are written")
  func roundTrip() throws {
    var random = TestRandom("HandshakePayload")
    for _ in 0..<2_000 {
      let binding = random.oneIn(2) ? random.bytes(Int(random.next() % 200)) : nil
      let initiator = InitiatorPayload(
        capabilities: PeerCapabilities(rawValue: random.integer()), aeadOffer: random.integer(),
        sessionID: SessionID(max(1, random.integer())),
        time: WallTime(milliseconds: random.integer()),
        permID: try #require(PermID(random.bytes(32))),
        extensions: HandshakeExtensions(binding: binding))
      #expect(InitiatorPayload(initiator.bytes) == initiator)
      let responder = ResponderPayload(
        capabilities: PeerCapabilities(rawValue: random.integer()), aeadChosen: random.integer(),
        sessionID: SessionID(max(1, random.integer())),
        extensions: HandshakeExtensions(binding: binding))
      #expect(ResponderPayload(responder.bytes) == responder)
    }
  }

  @Test("are refused when truncated, of another version, or with session id 0")
  func refusals() throws {
    let initiator = InitiatorPayload(
      aeadOffer: 1, sessionID: SessionID(1), time: WallTime(milliseconds: 1),
      permID: try #require(Self.permID)
    ).bytes
    let responder = ResponderPayload(aeadChosen: 0, sessionID: SessionID(1)).bytes
    for count in 0..<initiator.count {
      #expect(InitiatorPayload(Array(initiator.prefix(count))) == nil)
    }
    for count in 0..<responder.count {
      #expect(ResponderPayload(Array(responder.prefix(count))) == nil)
    }
    for version in UInt8(0)...255 where version != 1 {
      #expect(InitiatorPayload([version] + initiator.dropFirst()) == nil)
      #expect(ResponderPayload([version] + responder.dropFirst()) == nil)
    }
    var noSession = initiator
    noSession[7] = 0
    #expect(InitiatorPayload(noSession) == nil)
    var noResponderSession = responder
    noResponderSession[7] = 0
    #expect(ResponderPayload(noResponderSession) == nil)
  }

  @Test("skip unknown extensions and refuse truncated ones")
  func extensions() {
    let payload = ResponderPayload(aeadChosen: 0, sessionID: SessionID(1)).bytes
    let unknown: [UInt8] = [0x7f, 0, 2, 1, 2]
    let binding: [UInt8] = [0x02, 0, 1, 0xab]
    let both = ResponderPayload(payload + unknown + binding + unknown)
    #expect(both?.extensions == HandshakeExtensions(binding: [0xab]))
    #expect(ResponderPayload(payload + unknown)?.extensions == HandshakeExtensions())
    for count in 1..<unknown.count {
      #expect(ResponderPayload(payload + unknown.prefix(count)) == nil)
    }
    let tooLong = BindingRecord.byteLimit + 1
    let long: [UInt8] = [2, UInt8(tooLong >> 8), UInt8(tooLong & 0xff)]
    let skipped = ResponderPayload(payload + long + [UInt8](repeating: 0, count: tooLong))
    #expect(skipped != nil && skipped?.extensions.binding == nil)
  }
}
