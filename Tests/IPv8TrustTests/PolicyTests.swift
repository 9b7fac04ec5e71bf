import IPv8Trust
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/relations.md, "Weights" and "Limits".
@Suite("Policies of the relations table")
struct PolicyTests {
  private static func peer(_ number: UInt8) throws -> PermID {
    try #require(PermID([UInt8](repeating: number, count: 32)))
  }

  private static func record(
    _ type: RelationType, _ strength: Int64, at timestamp: UInt64 = 0, subject: UInt8 = 2,
    flags: RelationRecord.Flags = []
  ) throws -> RelationRecord {
    RelationRecord(
      signer: try peer(1), subject: try peer(subject), type: type,
      timestamp: WallTime(milliseconds: timestamp), strength: strength, flags: flags)
  }

  private static let now = WallTime(milliseconds: 1_000_000)

  @Test("an edge weighs what its relations say together, by type")
  func weights() throws {
    let weights = RelationWeights()
    func weight(_ records: RelationRecord...) -> UInt32 {
      weights.weight(of: records, at: Self.now)
    }
    #expect(weight(try Self.record(.friend, 1_000_000)) == 1_000)
    #expect(weight(try Self.record(.friend, 800_000)) == 800)
    #expect(weight(try Self.record(.friend, 1)) == 1, "what is said is not rounded away")
    #expect(weight(try Self.record(.friend, 0)) == 0 && weight() == 0)
    #expect(weight(try Self.record(.friend, -1_000_000)) == 0)
    #expect(
      weight(try Self.record(.friend, 500_000), try Self.record(.similarTaste, 1_000_000)) == 550)
    #expect(weight(try Self.record(RelationType(rawValue: 99), 1_000_000)) == 0)
  }

  @Test("traffic weighs only where both signed, half at its half amount, less when it is old")
  func traffic() throws {
    var weights = RelationWeights()
    let gigabyte: Int64 = 1 << 30
    let claim = try Self.record(.traffic, gigabyte)
    let proof = try Self.record(.traffic, gigabyte, flags: .countersigned)
    #expect(weights.weight(of: [claim], at: Self.now) == 0)
    #expect(weights.weight(of: [proof], at: Self.now) == 500)
    let most = try Self.record(.traffic, .max, flags: .countersigned)
    #expect((999...1_000).contains(weights.weight(of: [most], at: Self.now)))
    weights.trafficHalfLife = 500_000
    #expect(weights.weight(of: [proof], at: Self.now) == 125)
    weights.trafficHalfLife = 2_000_000
    #expect(weights.weight(of: [proof], at: Self.now) == 375, "linear between")
    weights.trafficHalfLife = 0
    #expect(weights.weight(of: [proof], at: Self.now) == 0)
  }

  @Test("a signer that floods replaces its own oldest rows, of the type that is full or of all")
  func allowance() throws {
    var allowance = SignerAllowance()
    allowance.relationsOfType = 3
    allowance.relations = 5
    let friends = try (1...3).map {
      try Self.record(.friend, 1, at: UInt64($0), subject: UInt8($0 + 1))
    }
    let new = try Self.record(.friend, 1, at: 9, subject: 9)
    #expect(allowance.displaced(by: new, among: Array(friends.prefix(2))) == [])
    #expect(allowance.displaced(by: new, among: friends) == [friends[0].key])
    let old = try Self.record(.friend, 1, at: 0, subject: 9)
    #expect(allowance.displaced(by: old, among: friends) == nil)
    let tastes = try (0...1).map {
      try Self.record(.similarTaste, 1, at: UInt64($0), subject: UInt8($0 + 5))
    }
    let vote = try Self.record(.moderatorVote, 1, at: 9, subject: 9)
    #expect(allowance.displaced(by: vote, among: friends + tastes) == [tastes[0].key])
  }

  @Test("the least trusted leave first, of equals the oldest, and who is kept never")
  func eviction() {
    var random = TestRandom("Eviction")
    for _ in 0..<200 {
      let count = 40 + Int(random.next() % 40)
      let candidates = (0..<count).map { number in
        EvictionCandidate(
          peer: PeerNumber(number), score: Double(random.next() % 4) / 8,
          timestamp: WallTime(milliseconds: random.next() % 10), isKept: random.oneIn(6))
      }
      var order = EvictionOrder(capacity: 40)
      order.strangerTwentieths = 0
      let evicted = order.evicted(from: candidates)
      let movable = candidates.filter { !$0.isKept }.sorted {
        ($0.score, $0.timestamp.milliseconds, $0.peer)
          < ($1.score, $1.timestamp.milliseconds, $1.peer)
      }
      #expect(evicted == movable.prefix(count - 40).map(\.peer))
    }
  }

  @Test("the newest strangers keep their small share, so that a newcomer can exist")
  func strangers() {
    let order = EvictionOrder(capacity: 40)
    #expect(order.strangerShare == 2)
    let candidates = (0..<60).map {
      EvictionCandidate(
        peer: PeerNumber($0), score: $0 < 10 ? 0 : Double($0),
        timestamp: WallTime(milliseconds: UInt64($0)))
    }
    let evicted = order.evicted(from: candidates)
    #expect(evicted == (0..<8).map { PeerNumber($0) } + (10..<22).map { PeerNumber($0) })
    #expect(order.evicted(from: Array(candidates.prefix(40))).isEmpty)
    let kept = candidates.map {
      EvictionCandidate(
        peer: $0.peer, score: $0.score, timestamp: $0.timestamp, isKept: true)
    }
    #expect(order.evicted(from: kept).isEmpty)
  }
}
