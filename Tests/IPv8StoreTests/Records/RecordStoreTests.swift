import Foundation
import GRDB
import IPv8Crypto
import IPv8Records
import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct RecordStoreTests {
  let directory: TemporaryDirectory
  let store: RecordStore
  let alice = Signer(1)
  let bob = Signer(2)
  let carol = Signer(3)

  init() throws {
    directory = try TemporaryDirectory()
    store = try directory.recordStore()
  }

  @Test("each record comes back to the byte, also after reopening")
  func exactBytes() throws {
    let bindings = [
      alice.binding(),
      bob.binding(
        hasIPv6: true, name: "bob ü", flags: [.relayWilling, .publicNode],
        rendezvous: [alice.address, carol.address]),
      carol.binding(flags: .withdrawn, rendezvous: [bob.address], hasIPv4: false),
      Signer(4).binding(hasIPv6: true, hasIPv4: false),
    ]
    let relations = [
      alice.relation(to: bob), alice.relation(to: bob, type: RelationType(rawValue: 65_535)),
      bob.relation(to: alice, strength: -1_000_000), try carol.traffic(with: bob, bytes: .max),
    ]
    let proofs = [
      try carol.contradiction(about: alice), try carol.contradiction(about: alice, at: 1),
    ]
    #expect(try store.apply(bindings.map { .binding($0) }) == 4)
    #expect(try store.apply(relations.map { .relation($0) }) == 4)
    #expect(try store.apply(proofs.map { .contradiction($0) }) == 2)
    try store.close()
    let held = try Holdings(try directory.recordStore())
    #expect(held.isWhole)
    #expect(held.bindings == Set(bindings.map(\.bytes)))
    #expect(held.relations == Set(relations.map(\.bytes)))
    #expect(held.contradictions == Set(proofs.map(\.bytes)))
  }

  @Test("all batches that a thread reads ahead arrive, in their order")
  func loadAhead() throws {
    try store.apply([.binding(alice.binding())])
    try store.apply(
      (0..<9_000).map {
        .relation(alice.relation(to: bob, type: RelationType(rawValue: UInt16($0))))
      })
    var (direct, ahead) = ([String](), [String]())
    #expect(try store.load { direct.append("\($0)") })
    #expect(try store.load(preparing: { "\($0)" }) { ahead.append($0) })
    #expect(ahead == direct && ahead.count > 3)
    #expect(store.peerBound() == 2)
    let pipe = BatchPipe<Int>()
    Thread.detachNewThread {
      for number in 0..<100 { pipe.put(number) }
      pipe.close(.success(true))
    }
    var numbers: [Int] = []
    while case .batch(let number) = pipe.take() { numbers.append(number) }
    #expect(numbers == Array(0..<100))
  }

  @Test("in any order of arrival the record with the latest timestamp remains")
  func latestWins() throws {
    var random = SeededRandom(seed: 3)
    let bindings = (0..<8).map { alice.binding(at: $0, port: UInt16(1 + $0)) }
    let relations = (0..<8).map { alice.relation(to: bob, strength: Int64($0), at: $0) }
    for _ in 0..<10 {
      let directory = try TemporaryDirectory()
      let store = try directory.recordStore()
      for place in bindings.indices.shuffled(using: &random) {
        try store.apply([.binding(bindings[place]), .relation(relations[place])])
      }
      let held = try Holdings(store)
      #expect(held.bindings == [bindings[7].bytes] && held.relations == [relations[7].bytes])
    }
  }

  @Test("what is known or older changes nothing and is not counted")
  func idempotent() throws {
    let changes: [RecordChange] = [
      .binding(alice.binding(at: 5)), .relation(alice.relation(to: bob, at: 5)),
      .contradiction(try bob.contradiction(about: alice)),
    ]
    #expect(try store.apply(changes) == 3)
    #expect(try store.apply(changes) == 0)
    #expect(try store.apply([.binding(alice.binding(at: 4, port: 9))]) == 0)
    #expect(try store.binding(of: alice.permID)?.bytes == alice.binding(at: 5).bytes)
  }

  @Test("what is removed is gone, and with the last row of a peer the peer")
  func removal() throws {
    try store.apply([
      .binding(alice.binding()), .relation(alice.relation(to: bob)), .binding(carol.binding()),
    ])
    try store.apply([.removeBinding(alice.permID), .removeBinding(Signer(9).permID)])
    #expect(try store.binding(of: alice.permID) == nil)
    #expect(try store.summary().peers == 3)
    try store.apply([.removeRelation(alice.permID, bob.permID, .friend)])
    #expect(try store.summary().peers == 1)
    #expect(try Holdings(store).bindings == [carol.binding().bytes])
  }

  @Test("a binding is found by PermID and by overlay address, and a newer one at once")
  func lookUp() throws {
    #expect(try store.binding(of: alice.permID) == nil)
    #expect(try store.binding(at: alice.address) == nil)
    for time in UInt64(0)..<3 {
      try store.apply([.binding(alice.binding(at: time)), .binding(bob.binding())])
      for _ in 0..<2 {
        #expect(try store.binding(of: alice.permID)?.record.timestamp == RecordFixture.time(time))
        #expect(try store.binding(at: alice.address)?.record.timestamp == RecordFixture.time(time))
      }
    }
    try store.apply([.removeBinding(alice.permID)])
    #expect(try store.binding(at: alice.address) == nil)
  }

  @Test("the cache holds no more than it may, and what is asked for again stays in it")
  func cacheLimit() {
    let cache = RecordCache(capacity: 8)
    let keys = (0..<100).map { RecordCache.Key.permID(Signer($0).permID) }
    for key in keys {
      cache.keep(nil, under: key, readAt: 0)
      _ = cache.look(up: keys[0])
    }
    let kept = keys.filter { cache.look(up: $0).answer != nil }
    #expect(kept.count <= 8 && kept.contains(keys[0]))
  }

  @Test("what was read before a change is not kept behind it")
  func staleReading() {
    let cache = RecordCache(capacity: 8)
    let key = RecordCache.Key.permID(alice.permID)
    let version = cache.look(up: key).version
    cache.forget([.binding(alice.binding())])
    cache.keep(nil, under: key, readAt: version)
    #expect(cache.look(up: key).answer == nil)
  }

  @Test("a table far beyond its capacity loses its oldest rows, but for those of kept peers")
  func capacity() throws {
    let directory = try TemporaryDirectory()
    let store = try directory.recordStore(peers: 100)
    let signers = (0..<400).map { Signer($0) }
    store.keep([signers[0].permID, signers[399].permID])
    for (time, signer) in signers.enumerated() {
      try store.apply([.binding(signer.binding(at: UInt64(time)))])
    }
    let summary = try store.summary()
    #expect((100...100 + RecordCapacity.slack(of: 100)).contains(summary.bindings.count))
    #expect(summary.peers == summary.bindings.count)
    #expect(try store.binding(of: signers[0].permID) != nil)
    #expect(try store.binding(of: signers[1].permID) == nil)
    #expect(try store.binding(of: signers[398].permID) != nil)
  }

  @Test("relations and proofs have their limits too")
  func otherCapacities() throws {
    let directory = try TemporaryDirectory()
    let store = try directory.recordStore(peers: 2)
    let signers = (0..<12).map { Signer($0) }
    var relations: [RecordChange] = []
    for (place, signer) in signers.enumerated() {
      for other in signers where other.permID != signer.permID {
        relations.append(.relation(signer.relation(to: other, at: UInt64(place))))
      }
    }
    store.keep([signers[0].permID])
    try store.apply(relations)
    let held = try Holdings(store)
    #expect(held.relations.count == store.capacity.relations)
    #expect(held.relations.contains(signers[0].relation(to: signers[1], at: 0).bytes))
  }

  @Test("the summary counts by kind and tells the oldest and the newest")
  func summary() throws {
    try store.apply([
      .binding(alice.binding(at: 5)), .binding(bob.binding(at: 9)),
      .relation(alice.relation(to: carol, at: 7)),
    ])
    let summary = try store.summary()
    #expect(summary.peers == 3 && summary.bindings.count == 2 && summary.relations.count == 1)
    #expect(summary.bindings.oldest == RecordFixture.time(5))
    #expect(summary.bindings.newest == RecordFixture.time(9))
    #expect(summary.contradictions.count == 0 && summary.contradictions.oldest == nil)
    #expect(summary.bytes > 0)
  }

  @Test("a new file is readable by its owner alone, in WAL mode, and strict")
  func fresh() throws {
    let attributes = try FileManager.default.attributesOfItem(atPath: directory.records)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let (mode, lax) = try store.read { database in
      (
        try String.fetchOne(database, sql: "PRAGMA journal_mode"),
        try String.fetchAll(
          database,
          sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
      )
    }
    #expect(mode == "wal" && lax.filter { !$0.hasPrefix("sqlite_") }.isEmpty)
  }

  @Test("records are verified alike by one thread and by several, in their order")
  func verifier() throws {
    var records = (0..<100).map { Signer($0).binding().bytes }
    records[17][60] ^= 1
    records[18] = []
    let expected = RecordVerifier(workers: 1).bindings(records, at: RecordFixture.now)
    let found = RecordVerifier(workers: 4).bindings(records, at: RecordFixture.now)
    #expect(found == expected)
    #expect(found[17] == .failure(.forged) && found[18] == .failure(.malformed))
    #expect(found.filter { if case .success = $0 { true } else { false } }.count == 98)
    let relation = alice.relation(to: bob)
    #expect(
      RecordVerifier().relations([relation.bytes], at: RecordFixture.now) == [.success(relation)])
    let proof = try alice.contradiction(about: bob)
    #expect(RecordVerifier().contradictions([proof.bytes, [1]]) == [proof, nil])
  }
}
