import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "STUN".
@Suite("A STUN message")
struct STUNMessageTests {
  static func endpoint(_ random: inout TestRandom) -> Endpoint {
    Endpoint(
      random.oneIn(2)
        ? .v4(IPv4Address(random.integer())) : .v6(IPv6Address(random.integer())),
      port: random.integer())
  }

  private static func maybe<T>(_ random: inout TestRandom, _ make: (inout TestRandom) -> T) -> T? {
    random.oneIn(2) ? make(&random) : nil
  }

  static func message(_ random: inout TestRandom) -> STUNMessage {
    let classes: [STUNMessage.Class] = [.request, .indication, .success, .error]
    var message = STUNMessage(
      classes[Int(random.next() % 4)], method: random.integer() & 0xfff,
      transaction: STUNTransaction(id: random.bytes(12)))
    message.mapped = maybe(&random) { endpoint(&$0) }
    message.xorMapped = maybe(&random) { endpoint(&$0) }
    message.responseOrigin = maybe(&random) { endpoint(&$0) }
    message.otherAddress = maybe(&random) { endpoint(&$0) }
    message.sourceAddress = maybe(&random) { endpoint(&$0) }
    message.changedAddress = maybe(&random) { endpoint(&$0) }
    message.changeRequest = maybe(&random) { STUNChange(rawValue: UInt32($0.next() % 4) * 2) }
    message.responsePort = maybe(&random) { $0.integer() }
    message.responseDelay = maybe(&random) { $0.integer() }
    message.padding = maybe(&random) { Int($0.next() % 100) }
    message.software = maybe(&random) { $0.bytes(Int($0.next() % 40)) }
    message.error = maybe(&random) {
      STUNError(code: 300 + Int($0.next() % 400), reason: $0.bytes(Int($0.next() % 40)))
    }
    message.unknownAttributes = (0..<Int(random.next() % 4)).map { _ in random.integer() }
    return message
  }

  @Test("is read as it was written, with FINGERPRINT or without")
  func roundTrip() {
    var random = TestRandom("STUN round trip")
    for _ in 0..<3_000 {
      let message = Self.message(&random)
      let plain = message.bytes(fingerprint: false)
      #expect(STUNMessage(plain) == message)
      #expect(DatagramKind(plain.rawSpan) == .stun)
      let sealed = message.bytes(fingerprint: true)
      #expect(sealed.count == plain.count + 8)
      let read = STUNMessage(sealed)
      #expect(read?.isFingerprinted == true)
      #expect(read.map { $0.bytes(fingerprint: false) } == plain)
    }
  }

  @Test("cut anywhere is none")
  func truncation() {
    var random = TestRandom("STUN truncation")
    for _ in 0..<100 {
      let bytes = Self.message(&random).bytes(fingerprint: true)
      for count in 0..<bytes.count {
        #expect(STUNMessage(Array(bytes.prefix(count))) == nil)
      }
      #expect(STUNMessage(bytes + [0]) == nil)
      #expect(STUNMessage(bytes + [0, 0, 0, 0]) == nil)
    }
  }

  @Test("without the cookie is one only for who asks for RFC 3489")
  func classic() throws {
    var random = TestRandom("STUN without cookie")
    var bytes = STUNMessage(.request, transaction: STUNTransaction(id: random.bytes(12)))
      .bytes(fingerprint: false)
    bytes[4] ^= 0xff
    #expect(STUNMessage(bytes) == nil)
    let read = STUNMessage(bytes, classic: true)
    let message = try #require(read)
    #expect(message.transaction.isClassic)
    #expect(message.bytes(fingerprint: false) == bytes)
  }

  /// A request with one attribute, as raw bytes.
  private static func request(_ type: UInt16, _ value: [UInt8]) -> STUNMessage? {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt16(1))
    bytes.append(bigEndian: UInt16(4 + (value.count + 3) / 4 * 4))
    bytes.append(bigEndian: UInt32(0x2112_a442))
    bytes += [UInt8](repeating: 7, count: 12)
    bytes.append(bigEndian: type)
    bytes.append(bigEndian: UInt16(value.count))
    bytes += value + [UInt8](repeating: 9, count: (4 - value.count % 4) % 4)
    return STUNMessage(bytes)
  }

  @Test("is refused where a known attribute has a wrong form")
  func malformed() {
    for type in [0x0001, 0x0004, 0x0005, 0x0020, 0x802b, 0x802c] as [UInt16] {
      for count in 0..<24 {
        for family in [0, 1, 2, 3] as [UInt8] {
          let value = Array(([0, family] + [UInt8](repeating: 1, count: 30)).prefix(count))
          let isRight = (family == 1 && count == 8) || (family == 2 && count == 20)
          #expect((Self.request(type, value) != nil) == isRight, "\(type), \(value)")
        }
      }
    }
    #expect(Self.request(0x0003, [0, 0, 6]) == nil)
    #expect(Self.request(0x0003, [0, 0, 0, 6])?.changeRequest == [.address, .port])
    #expect(Self.request(0x0009, [0, 0, 2, 99]) == nil)
    #expect(Self.request(0x0009, [0, 0, 4, 100]) == nil)
    #expect(Self.request(0x0009, [0, 0, 4, 20])?.error == .unknownAttribute)
    #expect(Self.request(0x000a, [0, 1, 2]) == nil)
    #expect(Self.request(0x0008, [UInt8](repeating: 0, count: 19)) == nil)
    #expect(Self.request(0x8028, [0, 0, 0, 0]) == nil)
  }

  @Test("names the attributes that it must know and does not, a few of them, each once")
  func unknown() {
    #expect(Self.request(0x0024, [0, 0, 0, 1])?.unknownRequired == [0x0024])
    #expect(Self.request(0x7fff, [])?.unknownRequired == [0x7fff])
    #expect(Self.request(0x8000, [])?.unknownRequired == [])
    #expect(Self.request(0x0006, [1])?.unknownRequired == [])
    var bytes = STUNMessage(.request, transaction: STUNTransaction(id: [UInt8](0..<12)))
      .bytes(fingerprint: false)
    for type in 0..<40 { bytes += [0x70, UInt8(type / 2), 0, 0] }
    bytes[3] = 160
    #expect(
      STUNMessage(bytes)?.unknownRequired
        == (0..<UInt16(STUNMessage.unknownLimit)).map { 0x7000 + $0 })
  }

  @Test("has the bytes of the drawing")
  func bytes() {
    var message = STUNMessage(.request, transaction: STUNTransaction(id: [UInt8](1...12)))
    message.changeRequest = [.port]
    message.responsePort = 0x1234
    message.responseDelay = 25
    #expect(
      message.bytes(fingerprint: false).hex == "0001" + "0018" + "2112a442"
        + "0102030405060708090a0b0c" + "0003000400000002" + "0027000412340000"
        + "fde8000200190000")
  }
}
