import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/relations.md, "Body" and "Time".
@Suite("A relation record")
struct RelationRecordTests {
  private static func parse(_ bytes: [UInt8]) -> RelationRecord? {
    RelationRecord.parse(bytes.rawSpan)
  }

  private static func random(_ random: inout TestRandom) throws -> RelationRecord {
    let type = RelationType(rawValue: random.oneIn(4) ? 0 : random.integer())
    return RelationRecord(
      signer: try #require(PermID(random.bytes(32))),
      subject: try #require(PermID(random.bytes(32))), type: type,
      timestamp: WallTime(milliseconds: random.integer()),
      strength: type == .traffic
        ? random.integer(Int64.self) & .max
        : Int64.random(in: -1_000_000...1_000_000, using: &random),
      flags: random.oneIn(2) ? .countersigned : [])
  }

  @Test("is read as it is written, whatever follows it, and not with a byte missing")
  func roundTrip() throws {
    var random = TestRandom("RelationRecord")
    for _ in 0..<1_000 {
      let record = try Self.random(&random)
      let body = record.body
      #expect(body.count == RelationRecord.bodyByteCount)
      #expect(Self.parse(body + random.bytes(Int(random.next() % 70))) == record)
      for count in 0..<body.count { #expect(Self.parse(Array(body.prefix(count))) == nil) }
    }
  }

  @Test("has the bytes of the drawing")
  func bytes() throws {
    let record = RelationRecord(
      signer: try #require(PermID([UInt8](1...32))),
      subject: try #require(PermID([UInt8](33...64))), type: RelationType(rawValue: 0x0103),
      timestamp: WallTime(milliseconds: 0x0102), strength: -2)
    #expect(
      record.body.hex == "0200" + [UInt8](1...64).hex + "0103" + "0000000000000102"
        + "fffffffffffffffe")
    #expect(RelationRecord.byteLimit == 84 + 128)
  }

  @Test("has one form: whatever parses is written back as the same bytes")
  func canonical() throws {
    var random = TestRandom("RelationRecord canonicality")
    var accepted = 0
    for _ in 0..<20_000 {
      var body = try Self.random(&random).body
      body[Int(random.next() % UInt64(body.count))] = random.integer()
      guard let record = Self.parse(body) else { continue }
      accepted += 1
      #expect(record.body == body, "\(body.hex)")
    }
    #expect(accepted > 10_000)
  }

  @Test("is refused with another kind, unknown flags, itself as subject, or too great a strength")
  func refusals() throws {
    var random = TestRandom("RelationRecord refusals")
    var record = try Self.random(&random)
    record.type = .friend
    record.strength = 1_000_000
    let body = record.body
    func isRead(_ offset: Int, _ byte: UInt8) -> Bool {
      var copy = body
      copy[offset] = byte
      return Self.parse(copy) != nil
    }
    for byte in UInt8(0)...255 {
      #expect(isRead(0, byte) == (byte == 2))
      #expect(isRead(1, byte) == (byte <= 1))
    }
    #expect(!isRead(83, body[83] + 1), "1,000,001 millionths")
    var own = record
    own.subject = own.signer
    #expect(Self.parse(own.body) == nil)
    for (type, strength, isGood): (RelationType, Int64, Bool) in [
      (.friend, -1_000_000, true), (.friend, -1_000_001, false), (.friend, .min, false),
      (.traffic, 0, true), (.traffic, .max, true), (.traffic, -1, false),
      (.firstRegistered, 1_000_001, false),
    ] {
      record.type = type
      record.strength = strength
      #expect((Self.parse(record.body) != nil) == isGood)
      #expect(record.isRevocation == (strength == 0))
    }
  }

  @Test("the latest takes the row; two bodies of one time contradict each other")
  func succession() throws {
    var random = TestRandom("RelationRecord succession")
    var old = try Self.random(&random)
    old.timestamp = WallTime(milliseconds: 5)
    old.type = .friend
    old.strength = 7
    var new = old
    #expect(new.succession(to: old) == .same)
    new.strength = 0
    #expect(new.succession(to: old) == .contradiction)
    new.timestamp = WallTime(milliseconds: 6)
    #expect(new.succession(to: old) == .newer && old.succession(to: new) == .older)
    var countersigned = old
    countersigned.flags.formSymmetricDifference(.countersigned)
    #expect(countersigned.succession(to: old) == .contradiction)
  }

  @Test("types have the design note's names, and others once they are registered")
  func types() throws {
    var types = RelationTypes()
    #expect(types[.moderatorVote] == "Voted as a moderator" && types[.firstRegistered] == nil)
    #expect(types.type(named: "Facebook Friend") == .friend)
    try types.register(.firstRegistered, name: "Colleague")
    try types.register(.firstRegistered, name: "Colleague")
    #expect(types.type(named: "Colleague") == .firstRegistered)
    func refusal(_ number: UInt16, _ name: String) -> RelationTypes.Refusal? {
      do throws(RelationTypes.Refusal) {
        try types.register(RelationType(rawValue: number), name: name)
        return nil
      } catch { return error }
    }
    #expect(refusal(5, "Other") == .numberTaken && refusal(4, "Other") == .numberTaken)
    #expect(refusal(6, "Colleague") == .nameTaken && refusal(6, "n e w") == .nameTaken)
    #expect(refusal(6, "") == .badName)
    #expect(refusal(6, String(repeating: "n", count: 65)) == .badName)
    for number in UInt16(6)..<261 { #expect(refusal(number, "type \(number)") == nil) }
    #expect(refusal(261, "one more") == .full)
  }
}
