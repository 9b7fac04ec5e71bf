import Foundation
import GRDB
import IPv8Crypto
import IPv8Records
import IPv8Wire
import Synchronization

extension RecordStore {
  /// Does all `changes` in one transaction, in their order. Of two records of one row the latest
  /// timestamp wins. Returns how many changed a row.
  @discardableResult
  public func apply(_ changes: [RecordChange]) throws(StoreError) -> Int {
    guard !changes.isEmpty else { return 0 }
    do throws(StoreError) { return try applyWhole(changes) } catch {
      if case .corrupt = error { condition.withLock { $0 = .damaged } }
      throw error
    }
  }

  private func applyWhole(_ changes: [RecordChange]) throws(StoreError) -> Int {
    try writing.withLock { _ throws(StoreError) in
      let count = try write { database in
        var writing = try RecordWriting(database)
        var count = 0
        for change in changes where try writing.apply(change) { count += 1 }
        try writing.removeUnused()
        return count
      }
      cache.forget(changes)
      try makeRoom(after: changes)
      return count
    }
  }
}

/// One transaction's changes, with the statements and row numbers that it needs again and again.
struct RecordWriting {
  private let database: Database
  private let findPeer: Statement
  private let addPeer: Statement
  private let putBinding: Statement
  private let putRelation: Statement
  private var ids: [PermID: Int64] = [:]
  /// Peers of which a row went.
  private var loosened: Set<Int64> = []

  init(_ database: Database) throws {
    self.database = database
    findPeer = try database.cachedStatement(sql: "SELECT id FROM id_peer WHERE perm_id = ?")
    addPeer = try database.cachedStatement(
      sql: "INSERT INTO id_peer(perm_id, addr) VALUES(?, ?)")
    putBinding = try database.cachedStatement(
      sql: """
        INSERT INTO binding(id, ipv4, port, ipv6, port6, timestamp, certificate, sum)
        VALUES(?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT(id) DO UPDATE SET ipv4 = excluded.ipv4, port = excluded.port,
          ipv6 = excluded.ipv6, port6 = excluded.port6, timestamp = excluded.timestamp,
          certificate = excluded.certificate, sum = excluded.sum
        WHERE excluded.timestamp > binding.timestamp
        """)
    putRelation = try database.cachedStatement(
      sql: """
        INSERT INTO relation(id_1, id_2, rel_id, timestamp, strength, certificate, sum)
        VALUES(?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT(id_1, rel_id, id_2) DO UPDATE SET timestamp = excluded.timestamp,
          strength = excluded.strength, certificate = excluded.certificate, sum = excluded.sum
        WHERE excluded.timestamp > relation.timestamp
        """)
  }

  /// Whether a row is another than before.
  @discardableResult
  mutating func apply(_ change: RecordChange) throws -> Bool {
    switch change {
    case .binding(let binding): try put(binding)
    case .relation(let relation): try put(relation)
    case .contradiction(let proof): try put(proof)
    case .removeBinding(let permID):
      guard let id = try known(permID) else { return false }
      try database.execute(sql: "DELETE FROM binding WHERE id = ?", arguments: [id])
      loosened.insert(id)
    case .removeRelation(let signer, let subject, let type):
      guard let first = try known(signer), let second = try known(subject) else { return false }
      try database.execute(
        sql: "DELETE FROM relation WHERE id_1 = ? AND rel_id = ? AND id_2 = ?",
        arguments: [first, Int64(type.rawValue), second])
      loosened.formUnion([first, second])
    }
    return database.changesCount > 0
  }

  private mutating func put(_ binding: SignedBinding) throws {
    let row = BindingRow(binding)
    try putBinding.execute(arguments: [
      try id(of: binding.record.permID), row.ipv4, row.port, row.ipv6.map { Data($0) }, row.port6,
      row.timestamp, Data(row.certificate), row.sum,
    ])
  }

  private mutating func put(_ relation: SignedRelation) throws {
    let row = RelationRow(relation)
    try putRelation.execute(arguments: [
      try id(of: relation.record.signer), try id(of: relation.record.subject), row.type,
      row.timestamp, row.strength, Data(row.certificate), row.sum,
    ])
  }

  private mutating func put(_ proof: Contradiction) throws {
    let record = proof.first.record
    var sum = RowSum()
    sum.add(proof.bytes.rawSpan)
    try database.execute(
      sql: "INSERT OR IGNORE INTO fraud VALUES(?, ?, ?, ?, ?, ?)",
      arguments: [
        try id(of: record.signer), try id(of: record.subject), Int64(record.type.rawValue),
        record.timestamp.column, Data(proof.bytes), sum.column,
      ])
  }

  private mutating func known(_ permID: PermID) throws -> Int64? {
    if let id = ids[permID] { return id }
    let id = try Int64.fetchOne(findPeer, arguments: [permID.column])
    if let id { ids[permID] = id }
    return id
  }

  private mutating func id(of permID: PermID) throws -> Int64 {
    if let id = try known(permID) { return id }
    try addPeer.execute(arguments: [permID.column, OverlayAddress(of: permID).column])
    ids[permID] = database.lastInsertedRowID
    return database.lastInsertedRowID
  }

  /// Takes out the peers of which nothing is left.
  mutating func removeUnused() throws {
    for id in loosened { try Self.removeUnused(id, database) }
    loosened = []
  }

  static func removeUnused(_ id: Int64, _ database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        DELETE FROM id_peer WHERE id = :id
        AND NOT EXISTS(SELECT 1 FROM binding WHERE id = :id)
        AND NOT EXISTS(SELECT 1 FROM relation WHERE id_1 = :id)
        AND NOT EXISTS(SELECT 1 FROM relation WHERE id_2 = :id)
        AND NOT EXISTS(SELECT 1 FROM fraud WHERE id_1 = :id)
        AND NOT EXISTS(SELECT 1 FROM fraud WHERE id_2 = :id)
        """)
    try statement.execute(arguments: ["id": id])
  }
}
