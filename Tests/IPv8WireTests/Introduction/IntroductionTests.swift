import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/introductions.md, "Introduction".
@Suite("An introduction")
struct IntroductionTests {
  private static func random(_ random: inout TestRandom) throws -> Introduction {
    let places = (0..<Int(random.next() % 17)).map { _ in
      let address: IPAddress =
        random.oneIn(2)
        ? .v4(IPv4Address(random.integer()))
        : .v6(IPv6Address(random.integer(UInt128.self) | 1 << 127))
      return Introduction.Place(
        kind: random.integer(), endpoint: Endpoint(address, port: random.integer()))
    }
    return Introduction(
      id: IntroductionID(random.next()), sender: try #require(PermID(random.bytes(32))),
      time: WallTime(milliseconds: random.next()), nat: random.integer(),
      portStep: random.integer(), lastPort: random.integer(), delay: random.integer(),
      places: places,
      binding: random.bytes(Int(random.next() % UInt64(BindingRecord.byteLimit + 1))))
  }

  @Test("is read as it is written, and is none with a byte less or more")
  func roundTrip() throws {
    var random = TestRandom("IntroductionTests")
    for _ in 0..<300 {
      let introduction = try Self.random(&random)
      let body = introduction.body
      #expect(Introduction(body.rawSpan) == introduction)
      #expect(body.count <= Introduction.bodyByteLimit)
      let longer = body + [0]
      #expect(Introduction(longer.rawSpan) == nil)
      for count in 0..<body.count {
        let prefix = [UInt8](body.prefix(count))
        guard Introduction(prefix.rawSpan) == nil else {
          Issue.record("a prefix of \(count) bytes of \(body)")
          return
        }
      }
    }
  }

  @Test("has the bytes of the drawing")
  func bytes() throws {
    let sender = try #require(PermID([UInt8](1...32)))
    let introduction = Introduction(
      id: IntroductionID(0x0a0b), sender: sender, time: WallTime(milliseconds: 0x0c0d), nat: 0x1f,
      portStep: -2, lastPort: 0x1234, delay: 0x0567,
      places: [
        Introduction.Place(
          kind: 3, endpoint: Endpoint(.v4(IPv4Address(0xcb00_7107)), port: 0x89ab))
      ], binding: [0xee, 0xff])
    #expect(
      introduction.body.hex == "01" + "0000000000000a0b" + sender.bytes.hex + "0000000000000c0d"
        + "1f" + "fe" + "1234" + "0567" + "01" + "03" + "00000000000000000000ffffcb007107"
        + "89ab" + "0002" + "eeff")
  }

  @Test("at its longest fits a record of 1,280 bytes by any relay")
  func limits() throws {
    let sealed = Introduction.sealedByteLimit
    let frame = 3 + IntroductionCalled.headByteCount + sealed
    let record = DatagramKind.recordPrefix + frame + 16
    #expect(record + DatagramKind.relayPrefix + 48 <= 1_280)
    #expect(sealed == Introduction.bodyByteLimit + 64 + 48)
  }

  @Test("with another version, more than sixteen places, or a longer binding is none")
  func refused() throws {
    let sender = try #require(PermID([UInt8](1...32)))
    let body = Introduction(
      id: IntroductionID(1), sender: sender, time: WallTime(milliseconds: 0)
    ).body
    var other = body
    other[0] = 2
    #expect(Introduction(other.rawSpan) == nil)
    var many = body
    many[55] = 17
    many += [UInt8](repeating: 0, count: 17 * 19)
    #expect(Introduction(many.rawSpan) == nil)
    var long = [UInt8](body.dropLast(2))
    long.append(bigEndian: UInt16(BindingRecord.byteLimit + 1))
    long += [UInt8](repeating: 0, count: BindingRecord.byteLimit + 1)
    #expect(Introduction(long.rawSpan) == nil)
  }
}
