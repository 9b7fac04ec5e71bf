import IPv8Control
import IPv8Crypto
import IPv8Records
import IPv8Store
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite struct RelationSignerTests {
  private let directory: TemporaryDirectory
  private let identity = Self.key(1)
  private let store: Store
  private let now = WallTime(milliseconds: 1_796_040_000_000)

  init() throws {
    directory = try TemporaryDirectory()
    store = try Store(path: directory.path + "/ipv8.db")
  }

  private static func key(_ number: UInt16) -> IdentityKey {
    var seed = [UInt8](repeating: 7, count: 30)
    seed.append(bigEndian: number)
    return IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
  }

  private static func wish(_ number: UInt16, _ strength: Double) -> RelationWish {
    RelationWish(permID: "\(key(number).permID)", strength: strength)
  }

  private var signer: RelationSigner { RelationSigner(identity, store) }

  @Test("what is signed verifies, is a friend's by default, and is kept")
  func signs() throws {
    let outcomes = try signer.sign([Self.wish(2, 0.5), Self.wish(3, 1)], now: now)
    #expect(outcomes.map(\.isNew) == [true, true])
    for (outcome, strength) in zip(outcomes, [500_000, 1_000_000] as [Int64]) {
      let relation = try SignedRelation(verifying: outcome.relation.bytes, at: now)
      #expect(relation.record.type == .friend && relation.record.strength == strength)
      #expect(relation.record.timestamp == now && relation.record.signer == identity.permID)
    }
    let kept = try store.ownRelations(of: identity.permID)
    #expect(Set(kept.map(\.bytes)) == Set(outcomes.map(\.relation.bytes)))
  }

  @Test("what was said is not signed again, and timestamps increase though the clock goes back")
  func again() throws {
    let first = try signer.sign([Self.wish(2, 0.5)], now: now)
    let later = WallTime(milliseconds: now.milliseconds + 9)
    let same = try signer.sign([Self.wish(2, 0.5)], now: later)
    #expect(same == [.init(relation: first[0].relation, isNew: false)])
    let earlier = WallTime(milliseconds: now.milliseconds - 9)
    let changed = try signer.sign(
      [Self.wish(2, 0), Self.wish(2, 0.1), Self.wish(2, 0.1)], now: earlier)
    #expect(changed.map(\.isNew) == [true, true, false])
    #expect(
      changed.map { $0.relation.record.timestamp.milliseconds - now.milliseconds } == [1, 2, 2])
    #expect(changed[0].relation.record.isRevocation)
    let kept = try store.ownRelations(of: identity.permID)
    #expect(kept == [changed[1].relation])
    var gentle = [Self.wish(2, 0.9), Self.wish(3, 0.9)]
    for place in gentle.indices { gentle[place].keepsPrevious = true }
    #expect(
      try signer.sign(gentle, now: now).map(\.relation.record.strength) == [100_000, 900_000])
  }

  @Test("one wish that cannot be signed, or one too many, and none is")
  func refusals() throws {
    let own = RelationWish(permID: "\(identity.permID)", strength: 1)
    let zero = String(repeating: "a", count: 52)
    for (wish, code) in [
      (own, ControlError.Code.peerIsSelf),
      (RelationWish(permID: "x", strength: 1), .permIDMalformed),
      (RelationWish(permID: zero, strength: 1), .permIDMalformed),
      (Self.wish(3, 1.1), .strengthInvalid), (Self.wish(3, .nan), .strengthInvalid),
      (RelationWish(permID: Self.wish(3, 1).permID, type: 0, strength: 1), .requestMalformed),
      (RelationWish(permID: Self.wish(3, 1).permID, type: -1, strength: 1), .requestMalformed),
    ] {
      let error = #expect(throws: ControlError.self) {
        try signer.sign([Self.wish(2, 1), wish], now: now)
      }
      #expect(error?.code == code)
    }
    #expect(try store.ownRelations(of: identity.permID).isEmpty)

    let all = (0..<UInt16(RelationSigner.limit)).map { Self.wish(100 + $0, 1) }
    _ = try signer.sign(all, now: now)
    #expect(throws: ControlError(.tooManyRelations, "256")) {
      try signer.sign([Self.wish(2, 1)], now: now)
    }
    #expect(try signer.sign([Self.wish(100, 0.5)], now: now).map(\.isNew) == [true])
    var vote = Self.wish(2, 1)
    vote.type = 2
    #expect(try signer.sign([vote], now: now).map(\.isNew) == [true])
  }
}
