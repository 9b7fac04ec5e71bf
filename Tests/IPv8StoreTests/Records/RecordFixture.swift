import Foundation
import IPv8Crypto
import IPv8Records
import IPv8Wire
import Testing

@testable import IPv8Store

/// Somebody who signs records.
struct Signer {
  let identity: IdentityKey

  init(_ number: Int) {
    var seed = [UInt8](repeating: 7, count: 24)
    seed.append(bigEndian: UInt64(number))
    identity = IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
  }

  var permID: PermID { identity.permID }
  var address: OverlayAddress { OverlayAddress(of: permID) }

  /// A binding `time` milliseconds after ``RecordFixture/start``.
  func binding(
    at time: UInt64 = 0, port: UInt16 = 41_641, hasIPv6: Bool = false, name: String? = nil,
    flags: BindingRecord.Flags = [], rendezvous: [OverlayAddress] = [], hasIPv4: Bool = true
  ) -> SignedBinding {
    SignedBinding(
      signing: BindingRecord(
        permID: permID,
        endpoint4: hasIPv4 ? Endpoint(.v4(IPv4Address(0xcb00_7101)), port: port) : nil,
        endpoint6: hasIPv6
          ? Endpoint(.v6(IPv6Address(0x2001_0db8 << 96 | 5)), port: port) : nil,
        timestamp: RecordFixture.time(time), flags: flags, nat: 3, rendezvous: rendezvous,
        name: name), with: identity)
  }

  func relation(
    to other: Signer, type: RelationType = .friend, strength: Int64 = 500_000, at time: UInt64 = 0
  ) -> SignedRelation {
    SignedRelation(
      signing: RelationRecord(
        signer: permID, subject: other.permID, type: type, timestamp: RecordFixture.time(time),
        strength: strength), with: identity)
  }

  /// What both sign of bytes that they exchanged.
  func traffic(with other: Signer, bytes: Int64) throws -> SignedRelation {
    let record = RelationRecord(
      signer: permID, subject: other.permID, type: .traffic, timestamp: RecordFixture.time(0),
      strength: bytes, flags: .countersigned)
    return try #require(
      SignedRelation(
        signing: record, with: identity,
        countersignature: SignedRelation.countersignature(of: record, by: other.identity)))
  }

  func contradiction(about other: Signer, at time: UInt64 = 0) throws -> Contradiction {
    try #require(
      Contradiction(
        relation(to: other, strength: 1, at: time), relation(to: other, strength: 2, at: time)))
  }
}

enum RecordFixture {
  static let start: UInt64 = 1_764_000_000_000
  static let now = time(3_600_000)

  static func time(_ milliseconds: UInt64) -> WallTime {
    WallTime(milliseconds: start + milliseconds)
  }
}

/// All that a store holds, as it travels.
struct Holdings: Equatable {
  var bindings: Set<[UInt8]> = []
  var relations: Set<[UInt8]> = []
  var contradictions: Set<[UInt8]> = []
  var isWhole = false

  init(_ store: RecordStore) throws {
    var (bindings, relations, proofs) = ([[UInt8]](), [[UInt8]](), [[UInt8]]())
    isWhole = try store.load { records in
      switch records {
      case .bindings(let all): bindings += all.map(\.bytes)
      case .relations(let all): relations += all.map(\.bytes)
      case .contradictions(let all): proofs += all.map(\.bytes)
      }
    }
    self.bindings = Set(bindings)
    self.relations = Set(relations)
    contradictions = Set(proofs)
    #expect(bindings.count == self.bindings.count)
    #expect(!isWhole || relations.count == self.relations.count)
  }

  /// Whether nothing is here that is not in `other`.
  func isWithin(_ other: Holdings) -> Bool {
    bindings.isSubset(of: other.bindings) && relations.isSubset(of: other.relations)
      && contradictions.isSubset(of: other.contradictions)
  }
}

extension TemporaryDirectory {
  var records: String { path + "/records.db" }

  func recordStore(peers: Int = 10_000, cached: Int = 16_384) throws -> RecordStore {
    try RecordStore(path: records, capacity: RecordCapacity(peers: peers), cached: cached)
  }
}

extension RecordStore {
  /// Closes it with all changes in the file itself.
  func checkpointAndClose() throws {
    try pool.withLock { $0 }.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try close()
  }

  func execute(_ sql: String) throws { try write { try $0.execute(sql: sql) } }
}
