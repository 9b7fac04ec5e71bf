import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/records.md, "Frames".
@Suite("Frames")
struct FrameTests {
  /// All frames up to and including the last; nil in place of a malformed one.
  private static func walk(_ plaintext: [UInt8]) -> [Frame?] {
    var reader = FrameReader(plaintext.rawSpan)
    var frames: [Frame?] = []
    while true {
      let frame = reader.next()
      frames.append(frame)
      switch frame {
      case nil, .end, .packet: return frames
      default: continue
      }
    }
  }

  private static func random(_ random: inout TestRandom) -> Frame {
    switch random.next() % 4 {
    case 0:
      .feedback(
        Feedback(
          highest: random.integer(), received: random.integer(), lost: random.integer(),
          congestionExperienced: random.integer(), hold: random.integer(),
          flags: random.integer()))
    case 1: .challenge(random.integer())
    case 2:
      .response(
        random.integer(),
        observed: Endpoint(
          random.oneIn(2)
            ? .v4(IPv4Address(random.integer())) : .v6(IPv6Address(1 << 127 | random.integer())),
          port: random.integer()))
    default: .close(reason: random.integer())
    }
  }

  @Test("are read in order as they were written, before a packet or padding")
  func roundTrip() {
    var random = TestRandom("Frame")
    for _ in 0..<3_000 {
      let frames = (0..<Int(random.next() % 5)).map { _ in Self.random(&random) }
      var bytes: [UInt8] = []
      for frame in frames { frame.append(to: &bytes) }
      #expect(Self.walk(bytes) == frames + [.end])
      let padding = [0] + random.bytes(20)
      #expect(Self.walk(bytes + padding) == frames + [.end])
      let packet = [random.oneIn(2) ? 0x45 : 0x60] + random.bytes(30)
      #expect(Self.walk(bytes + packet) == frames + [.packet(bytes.count..<bytes.count + 31)])
    }
  }

  @Test("have the bytes of the drawing")
  func bytes() {
    var bytes: [UInt8] = []
    Frame.feedback(
      Feedback(
        highest: 1, received: 2, lost: 3, congestionExperienced: 4, hold: 5, flags: 6)
    ).append(to: &bytes)
    #expect(bytes.hex == "10" + "00000001000000020000000300000004" + "0005" + "06" + "00")
    #expect(bytes.count == 1 + Feedback.byteCount)
    bytes = []
    Frame.challenge(0x0102_0304_0506_0708).append(to: &bytes)
    #expect(bytes.hex == "110102030405060708")
    bytes = []
    Frame.response(1, observed: Endpoint(.v4(IPv4Address(0xcb00_7101)), port: 258))
      .append(to: &bytes)
    #expect(bytes.hex == "120000000000000001" + "00000000000000000000ffffcb007101" + "0102")
    bytes = []
    Frame.close(reason: 9).append(to: &bytes)
    #expect(bytes.hex == "1309")
  }

  @Test("end the walk where they are truncated or of an unknown type")
  func refusals() {
    var random = TestRandom("Frame truncation")
    for _ in 0..<200 {
      var bytes: [UInt8] = []
      Self.random(&random).append(to: &bytes)
      for count in 1..<bytes.count {
        #expect(Self.walk(Array(bytes.prefix(count))) == [nil])
      }
    }
    for kind in UInt8(0)...255 {
      let first = Self.walk([kind] + [UInt8](repeating: 1, count: 40))[0]
      switch kind {
      case 0: #expect(first == .end)
      case 0x10...0x14, 0x20...0x2f: #expect(first != nil || kind >= 0x20)
      case 0x30: #expect(first == .chunk(1..<41))
      case 0x40...0x4f, 0x60...0x6f: #expect(first == .packet(0..<41))
      default: #expect(first == nil)
      }
    }
    #expect(Self.walk([]) == [.end])
  }
}
