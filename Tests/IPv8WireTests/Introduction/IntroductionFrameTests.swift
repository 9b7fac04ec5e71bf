import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/introductions.md, "Frames".
@Suite("Frames of introductions")
struct IntroductionFrameTests {
  private static let id = IntroductionID(0x0102_0304_0506_0708)
  private static let permID = PermID([UInt8](1...32))
  private static let address = OverlayAddress(IPv6Address(0xfde8 << 112 | 9))

  @Test("have the bytes of the drawings")
  func bytes() throws {
    let call = IntroductionCall(
      id: Self.id, flags: [.relay, .answer], destination: try #require(Self.address),
      sealed: [7, 8])
    #expect(
      call.body.hex == "0102030405060708" + "03" + "fde80000000000000000000000000009" + "0708")
    let permID = try #require(Self.permID)
    let relay = IntroductionCalled.Relay(
      tag: try #require(RelayTag(0x2abc_def0)), bytesPerSecond: 0x0001_0203)
    let called = IntroductionCalled(
      id: Self.id, flags: .relay, source: permID, relay: relay, sealed: [9])
    let head = "0102030405060708" + "01" + permID.bytes.hex
    #expect(called.body.hex == head + "2abcdef0" + "00010203" + "09")
    let alone = IntroductionCalled(
      id: Self.id, flags: .relay, source: permID, relay: nil, sealed: [9])
    #expect(alone.body.hex == head + "00000000" + "00000000" + "09")
    let refused = IntroductionRefused(id: Self.id, reason: .busy)
    #expect(refused.body.hex == "010203040506070802")
    #expect(RelayRelease(relay.tag).body.hex == "2abcdef0")
  }

  @Test("are read as they are written, and are none with a byte missing from their heads")
  func roundTrips() throws {
    var random = TestRandom("IntroductionFrameTests")
    for _ in 0..<500 {
      let sealed = random.bytes(1 + Int(random.next() % UInt64(Introduction.sealedByteLimit)))
      let id = IntroductionID(random.next())
      let flags = IntroductionFlags(rawValue: random.integer())
      let destination = try #require(
        OverlayAddress(IPv6Address(0xfde8 << 112 | random.integer(UInt128.self) >> 16)))
      let call = IntroductionCall(
        id: id, flags: flags, destination: destination, sealed: sealed)
      let callBody = call.body
      #expect(IntroductionCall(callBody.rawSpan) == call)
      #expect(callBody.count <= ControlFrame.bodyLimit)
      let called = IntroductionCalled(
        id: id, flags: flags, source: try #require(PermID(random.bytes(32))),
        relay: RelayTag(random.integer(UInt32.self) & RelayTag.mask).map {
          .init(tag: $0, bytesPerSecond: random.integer())
        }, sealed: sealed)
      let calledBody = called.body
      #expect(IntroductionCalled(calledBody.rawSpan) == called)
      #expect(calledBody.count <= ControlFrame.bodyLimit)
      let refused = IntroductionRefused(
        id: id, reason: IntroductionRefused.Reason(rawValue: random.integer()))
      let refusedBody = refused.body
      #expect(IntroductionRefused(refusedBody.rawSpan) == refused)
    }
    for count in 0...IntroductionCall.headByteCount {
      let bytes = [UInt8](repeating: 0xfd, count: count)
      #expect(IntroductionCall(bytes.rawSpan) == nil)
    }
    for count in 0...IntroductionCalled.headByteCount {
      let bytes = [UInt8](repeating: 0, count: count)
      #expect(IntroductionCalled(bytes.rawSpan) == nil)
    }
  }

  @Test(
    "are none where the destination is outside the overlay, a tag too long, or the rest too long")
  func refused() throws {
    let call = IntroductionCall(
      id: Self.id, flags: [], destination: try #require(Self.address), sealed: [1])
    var bytes = call.body
    bytes[9] = 0xfc
    #expect(IntroductionCall(bytes.rawSpan) == nil)
    let long = call.body + [UInt8](repeating: 0, count: Introduction.sealedByteLimit)
    #expect(IntroductionCall(long.rawSpan) == nil)
    let called = IntroductionCalled(
      id: Self.id, flags: [], source: try #require(Self.permID), relay: nil, sealed: [1])
    var tagged = called.body
    tagged[41] = 0x40
    #expect(IntroductionCalled(tagged.rawSpan) == nil)
    let longer = called.body + [UInt8](repeating: 0, count: Introduction.sealedByteLimit)
    #expect(IntroductionCalled(longer.rawSpan) == nil)
    for bytes in [[], [0, 0, 0], [0, 0, 0, 0], [0x40, 0, 0, 0], [0, 0, 0, 1, 0]] as [[UInt8]] {
      #expect(RelayRelease(bytes.rawSpan) == nil)
    }
    let refusal = IntroductionRefused(id: Self.id, reason: .unknown).body
    let short = [UInt8](refusal.dropLast())
    let surplus = refusal + [0]
    #expect(IntroductionRefused(short.rawSpan) == nil)
    #expect(IntroductionRefused(surplus.rawSpan) == nil)
  }
}
