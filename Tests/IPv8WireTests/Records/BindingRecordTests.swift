import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/binding.md, "Body".
@Suite("A binding record")
struct BindingRecordTests {
  private static let permID = PermID([UInt8](1...32))

  private static func parse(_ bytes: [UInt8]) -> (record: BindingRecord, byteCount: Int)? {
    BindingRecord.parse(bytes.rawSpan)
  }

  private static func address(_ random: inout TestRandom) throws -> OverlayAddress {
    let value = 0xfde8 << 112 | random.integer(UInt128.self) >> 16
    return try #require(OverlayAddress(IPv6Address(value)))
  }

  private static func random(_ random: inout TestRandom) throws -> BindingRecord {
    let name = String("Zoë \u{1f600} the peer of 32 bytes".prefix(Int(random.next() % 20)))
    return BindingRecord(
      permID: try #require(PermID(random.bytes(32))),
      endpoint4: random.oneIn(2)
        ? Endpoint(.v4(IPv4Address(random.integer())), port: max(1, random.integer())) : nil,
      endpoint6: random.oneIn(2)
        ? Endpoint(.v6(IPv6Address(random.integer())), port: max(1, random.integer())) : nil,
      timestamp: WallTime(milliseconds: random.integer()),
      lifetime: random.integer(UInt32.self) % 86_401,
      flags: BindingRecord.Flags(rawValue: random.integer(UInt8.self) & 7), nat: random.integer(),
      rendezvous: try (0..<Int(random.next() % 4)).map { _ in try address(&random) },
      name: name.isEmpty ? nil : name)
  }

  @Test("is read as it is written, whatever follows it")
  func roundTrip() throws {
    var random = TestRandom("BindingRecord")
    for _ in 0..<3_000 {
      let record = try Self.random(&random)
      let body = record.body
      let parsed = try #require(Self.parse(body + random.bytes(Int(random.next() % 70))))
      #expect(parsed.record == record && parsed.byteCount == body.count)
      #expect(body.count + 64 <= BindingRecord.byteLimit)
      #expect(record.flags.contains(.hasIPv6) == (record.endpoint6 != nil))
      #expect(record.flags.contains(.hasName) == (record.name != nil))
    }
  }

  @Test("has the bytes of the drawing, at its shortest and its longest")
  func bytes() throws {
    let permID = try #require(Self.permID)
    let short = BindingRecord(
      permID: permID, timestamp: WallTime(milliseconds: 0x0102), lifetime: 3)
    #expect(
      short.body.hex == "0100" + permID.bytes.hex + "000000000000" + "0000000000000102"
        + "00000003" + "00" + "00")
    #expect(short.body.count == 54)
    let rendezvous = try (1...3).map {
      try #require(OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128($0))))
    }
    let long = BindingRecord(
      permID: permID, endpoint4: Endpoint(.v4(IPv4Address(0xcb00_7101)), port: 258),
      endpoint6: Endpoint(.v6(IPv6Address(1 << 120)), port: 772),
      timestamp: WallTime(milliseconds: 5), lifetime: 86_400, flags: [.withdrawn, .publicNode],
      nat: 0xa5, rendezvous: rendezvous, name: String(repeating: "n", count: 32))
    #expect(
      long.body.hex == "011d" + permID.bytes.hex + "cb0071010102"
        + "01000000000000000000000000000000" + "0304" + "0000000000000005" + "00015180" + "a5"
        + "03" + (1...3).map { String(repeating: "0", count: 27) + "\($0)" }.joined()
        + "20" + String(repeating: "6e", count: 32))
    #expect(long.body.count + 64 == BindingRecord.byteLimit)
  }

  @Test("is refused when truncated at any byte")
  func truncation() throws {
    var random = TestRandom("BindingRecord truncation")
    for _ in 0..<100 {
      let body = try Self.random(&random).body
      for count in 0..<body.count { #expect(Self.parse(Array(body.prefix(count))) == nil) }
    }
  }

  @Test("has one form: whatever parses is written back as the same bytes")
  func canonical() throws {
    var random = TestRandom("BindingRecord canonicality")
    var accepted = 0
    for _ in 0..<30_000 {
      var body = try Self.random(&random).body
      body[Int(random.next() % UInt64(body.count))] = random.integer()
      guard let parsed = Self.parse(body) else { continue }
      accepted += 1
      #expect(parsed.record.body == Array(body.prefix(parsed.byteCount)), "\(body.hex)")
    }
    #expect(accepted > 10_000)
  }

  @Test("is refused with another kind, unknown flags, a long life, or too many rendezvous peers")
  func refusals() throws {
    let record = BindingRecord(
      permID: try #require(Self.permID), timestamp: WallTime(milliseconds: 1))
    let body = record.body
    func changed(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
      var copy = body + [UInt8](repeating: 0, count: 100)
      copy.replaceSubrange(offset..<offset + bytes.count, with: bytes)
      return copy
    }
    #expect(Self.parse(changed(0, [1])) != nil)
    for kind in UInt8(0)...255 where kind != 1 { #expect(Self.parse(changed(0, [kind])) == nil) }
    for flag in [UInt8(32), 64, 128] { #expect(Self.parse(changed(1, [flag])) == nil) }
    #expect(Self.parse(changed(48, [0, 1, 0x51, 0x80])) != nil)
    #expect(Self.parse(changed(48, [0, 1, 0x51, 0x81])) == nil)
    for count in UInt8(0)...255 {
      #expect((Self.parse(changed(53, [count])) != nil) == (count <= 3))
    }
  }

  @Test("is refused with an address or a port alone")
  func halfEndpoints() throws {
    let permID = try #require(Self.permID)
    let both = BindingRecord(
      permID: permID, endpoint4: Endpoint(.v4(IPv4Address(0xcb00_7101)), port: 1),
      endpoint6: Endpoint(.v6(IPv6Address(1 << 120)), port: 1),
      timestamp: WallTime(milliseconds: 1))
    var body = both.body
    #expect(Self.parse(body) != nil)
    body[39] = 0
    #expect(Self.parse(body) == nil, "an IPv4 address with port 0")
    body[39] = 1
    body.replaceSubrange(34..<38, with: [0, 0, 0, 0])
    #expect(Self.parse(body)?.record.body == body, "what a port without address means is kept")
    body = both.body
    body[57] = 0
    #expect(Self.parse(body) == nil, "an IPv6 address with port 0")
  }

  @Test("has a name of 1 to 32 bytes of UTF-8")
  func names() throws {
    let record = BindingRecord(
      permID: try #require(Self.permID), timestamp: WallTime(milliseconds: 1), name: "x")
    let start = Array(record.body.dropLast(2))
    for count in 0...255 {
      let body = start + [UInt8(count)] + [UInt8](repeating: 0x61, count: count)
      #expect((Self.parse(body) != nil) == (1...32).contains(count))
    }
    for invalid: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
      #expect(Self.parse(start + [UInt8(invalid.count)] + invalid) == nil)
    }
  }
}
