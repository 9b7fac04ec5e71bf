import IPv8Crypto
import IPv8Records
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/relations.md.
@Suite("A signed relation")
struct SignedRelationTests {
  private static func identity(_ seed: [UInt8]) -> IdentityKey {
    IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
  }

  private static let ana = identity([UInt8](repeating: 1, count: 32))
  private static let bob = identity([UInt8](repeating: 2, count: 32))
  private static let now = WallTime(milliseconds: 1_700_000_000_000)

  private static func record(
    at timestamp: UInt64 = now.milliseconds, strength: Int64 = 800_000,
    flags: RelationRecord.Flags = []
  ) -> RelationRecord {
    RelationRecord(
      signer: ana.permID, subject: bob.permID, type: flags.isEmpty ? .friend : .traffic,
      timestamp: WallTime(milliseconds: timestamp), strength: strength, flags: flags)
  }

  private static func countersigned(strength: Int64 = 9) throws -> SignedRelation {
    let record = record(strength: strength, flags: .countersigned)
    return try #require(
      SignedRelation(
        signing: record, with: ana,
        countersignature: SignedRelation.countersignature(of: record, by: bob)))
  }

  private static func refusal(
    _ bytes: [UInt8], at now: WallTime = now
  ) -> SignedRelation.Refusal? {
    do throws(SignedRelation.Refusal) {
      _ = try SignedRelation(verifying: bytes, at: now)
      return nil
    } catch {
      return error
    }
  }

  struct Frozen: Decodable {
    struct Peer: Decodable { let seed: Hex }
    let peers: [Peer]
    let relations: [Hex]
  }

  @Test("has the bytes and signatures that an independent implementation froze")
  func frozen() throws {
    let frozen = try VectorFile.json("frozen.json", as: Frozen.self)
    let keys = frozen.peers.map { Self.identity($0.seed.bytes) }
    let parties = [(0, 1), (0, 1), (1, 2), (2, 3)]
    #expect(frozen.relations.count == parties.count)
    for (bytes, (one, two)) in zip(frozen.relations.map(\.bytes), parties) {
      let verified = try SignedRelation(verifying: bytes, at: Self.now)
      let record = verified.record
      #expect(record.signer == keys[one].permID && record.subject == keys[two].permID)
      let made =
        record.flags.contains(.countersigned)
        ? SignedRelation(
          signing: record, with: keys[one],
          countersignature: SignedRelation.countersignature(of: record, by: keys[two]))
        : SignedRelation(signing: record, with: keys[one])
      #expect(made?.bytes == bytes && made == verified)
    }
    let records = try frozen.relations.map {
      try SignedRelation(verifying: $0.bytes, at: Self.now).record
    }
    #expect(records.map(\.strength) == [800_000, -1_000_000, 1 << 62 + 1, 0])
    #expect(records.map(\.type.rawValue) == [3, 3, 0, 0xffff])
  }

  @Test("is refused with any one bit changed, with bytes missing and with bytes behind it")
  func damage() throws {
    for signed in [
      SignedRelation(signing: Self.record(), with: Self.ana), try Self.countersigned(),
    ] {
      let bytes = signed.bytes
      #expect(Self.refusal(bytes) == nil)
      for bit in 0..<(bytes.count * 8) {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(Self.refusal(changed) != nil, "bit \(bit)")
      }
      for count in 0..<bytes.count {
        #expect(Self.refusal(Array(bytes.prefix(count))) == .malformed)
      }
      #expect(Self.refusal(bytes + [0]) == .malformed)
      #expect(signed.certificate == [signed.record.flags.rawValue] + bytes[84...])
    }
  }

  @Test("is forged when another signed it, or in another domain")
  func forgeries() {
    let body = Self.record().body
    #expect(Self.refusal(body + Self.bob.sign(body, domain: .relation)) == .forged)
    #expect(Self.refusal(body + Self.ana.sign(body, domain: .binding)) == .forged)
    #expect(Self.refusal(body + Self.ana.sign(body, domain: .relation)) == nil)
  }

  @Test("is a proof of traffic only where both parties signed it")
  func traffic() throws {
    let both = try Self.countersigned()
    #expect(both.isProof && both.bytes.count == RelationRecord.byteLimit)
    var claim = Self.record()
    claim.type = .traffic
    #expect(!SignedRelation(signing: claim, with: Self.ana).isProof)
    #expect(SignedRelation(signing: Self.record(), with: Self.ana).isProof)
    let record = Self.record(flags: .countersigned)
    let wrong = Self.ana.sign(record.body, domain: .relation)
    #expect(SignedRelation(signing: record, with: Self.ana, countersignature: wrong) == nil)
    #expect(Self.refusal(record.body + wrong + wrong) == .forged)
    #expect(Self.refusal(record.body + wrong) == .malformed)
  }

  @Test("may be 120 s ahead of the reader's clock and no more, and any age")
  func time() {
    let limit = Self.now.milliseconds + 120_000
    for (timestamp, refusal): (UInt64, SignedRelation.Refusal?) in [
      (0, nil), (limit, nil), (limit + 1, .fromFuture), (.max, .fromFuture),
    ] {
      let signed = SignedRelation(signing: Self.record(at: timestamp), with: Self.ana)
      #expect(Self.refusal(signed.bytes) == refusal)
      #expect(Self.refusal(signed.bytes, at: WallTime(milliseconds: .max)) == nil)
    }
  }

  @Test("contradicts another of one row and time, and that is proof in one form")
  func contradictions() throws {
    let yes = SignedRelation(signing: Self.record(), with: Self.ana)
    let no = SignedRelation(signing: Self.record(strength: -1), with: Self.ana)
    let proof = try #require(Contradiction(yes, no))
    #expect(proof == Contradiction(no, yes) && proof.signer == Self.ana.permID)
    #expect(Contradiction(verifying: proof.bytes) == proof)
    #expect(Contradiction(verifying: proof.second.bytes + proof.first.bytes) == nil)
    #expect(Contradiction(verifying: yes.bytes + yes.bytes) == nil)
    #expect(Contradiction(verifying: proof.bytes + [0]) == nil)
    for count in 0..<proof.bytes.count {
      #expect(Contradiction(verifying: Array(proof.bytes.prefix(count))) == nil)
    }
    for bit in 0..<(proof.bytes.count * 8) {
      var changed = proof.bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Contradiction(verifying: changed) == nil, "bit \(bit)")
    }
    let later = SignedRelation(
      signing: Self.record(at: Self.now.milliseconds + 1, strength: 0), with: Self.ana)
    #expect(Contradiction(yes, later) == nil, "a revocation is no contradiction")
    let traffic = [try Self.countersigned(strength: 1), try Self.countersigned(strength: 2)]
    let both = try #require(Contradiction(traffic[0], traffic[1]))
    #expect(both.bytes.count == Contradiction.byteLimit)
    #expect(Contradiction(verifying: both.bytes) == both)
    #expect(Contradiction(yes, traffic[0]) == nil, "another row")
  }
}
