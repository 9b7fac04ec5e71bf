import Foundation
import GRDB
import IPv8Records
import IPv8Wire

/// Records as they come out of the store, a few thousand at a time.
public enum LoadedRecords: Sendable {
  case bindings([SignedBinding])
  case relations([SignedRelation])
  case contradictions([Contradiction])
}

extension RecordStore {
  /// Records of one batch.
  static let batch = 4_096

  /// Hands all records to `body`, bindings first. Those that are not what was stored are left out
  /// and their number is returned; a damaged page throws ``StoreError/corrupt(path:)``.
  public func load(_ body: (LoadedRecords) -> Void) throws(StoreError) -> Int {
    try read { database in
      var damaged = 0
      try Self.loadBindings(database, &damaged, body)
      let peers = try PeerNumbers(database)
      try Self.loadRelations(database, peers, &damaged, body)
      try Self.loadContradictions(database, &damaged, body)
      return damaged
    }
  }

  private static func loadBindings(
    _ database: Database, _ damaged: inout Int, _ body: (LoadedRecords) -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database,
      // In this order of the tables both are read from front to back.
      sql: "SELECT \(BindingRow.columns) FROM binding CROSS JOIN id_peer USING(id)")
    var batch: [SignedBinding] = []
    batch.reserveCapacity(Self.batch)
    while let row = try rows.next() {
      guard let binding = try BindingRow.binding(row) else {
        damaged += 1
        continue
      }
      batch.append(binding)
      guard batch.count == Self.batch else { continue }
      body(.bindings(batch))
      batch.removeAll(keepingCapacity: true)
    }
    if !batch.isEmpty { body(.bindings(batch)) }
  }

  private static func loadRelations(
    _ database: Database, _ peers: PeerNumbers, _ damaged: inout Int,
    _ body: (LoadedRecords) -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT id_1, id_2, \(RelationRow.columns) FROM relation")
    var batch: [SignedRelation] = []
    batch.reserveCapacity(Self.batch)
    while let row = try rows.next() {
      guard let signer = peers[try row.decode(Int64.self, atIndex: 0)],
        let subject = peers[try row.decode(Int64.self, atIndex: 1)],
        let relation = try RelationRow.relation(row, signer: signer, subject: subject, from: 2)
      else {
        damaged += 1
        continue
      }
      batch.append(relation)
      guard batch.count == Self.batch else { continue }
      body(.relations(batch))
      batch.removeAll(keepingCapacity: true)
    }
    if !batch.isEmpty { body(.relations(batch)) }
  }

  private static func loadContradictions(
    _ database: Database, _ damaged: inout Int, _ body: (LoadedRecords) -> Void
  ) throws {
    let rows = try Row.fetchCursor(database, sql: "SELECT proof, sum FROM fraud")
    var batch: [Contradiction] = []
    while let row = try rows.next() {
      let proof = try row.decode(Data.self, atIndex: 0)
      var sum = RowSum()
      sum.add(proof.bytes)
      if sum.column == (try row.decode(Int64.self, atIndex: 1)),
        let contradiction = Contradiction(stored: [UInt8](proof))
      {
        batch.append(contradiction)
      } else {
        damaged += 1
      }
    }
    if !batch.isEmpty { body(.contradictions(batch)) }
  }
}

/// The PermIDs by their row numbers.
struct PeerNumbers {
  private var dense: [PermID?] = []
  private var sparse: [Int64: PermID] = [:]

  init(_ database: Database) throws {
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM id_peer") ?? 0
    dense.reserveCapacity(count + 1)
    let rows = try Row.fetchCursor(database, sql: "SELECT id, perm_id FROM id_peer ORDER BY id")
    while let row = try rows.next() {
      let id = try row.decode(Int64.self, atIndex: 0)
      guard let permID = PermID([UInt8](try row.decode(Data.self, atIndex: 1))) else { continue }
      if id >= 0, id <= 2 * Int64(count) {
        while dense.count < id { dense.append(nil) }
        dense.append(permID)
      } else {
        sparse[id] = permID
      }
    }
  }

  subscript(id: Int64) -> PermID? {
    dense.indices.contains(Int(id)) ? dense[Int(id)] : sparse[id]
  }
}
