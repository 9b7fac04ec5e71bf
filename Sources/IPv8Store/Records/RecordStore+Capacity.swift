import Foundation
import GRDB
import IPv8Records
import IPv8Wire
import Synchronization

extension RecordStore {
  /// The last line: where `changes` made a table larger than its capacity and some slack, its oldest
  /// rows go, but for those of peers that are kept.
  func makeRoom(after changes: [RecordChange]) throws(StoreError) {
    var added = (bindings: 0, relations: 0, contradictions: 0)
    for change in changes {
      switch change {
      case .binding: added.bindings += 1
      case .relation: added.relations += 1
      case .contradiction: added.contradictions += 1
      case .removeBinding, .removeRelation: break
      }
    }
    try makeRoom(in: .bindings, added.bindings)
    try makeRoom(in: .relations, added.relations)
    try makeRoom(in: .contradictions, added.contradictions)
  }

  private func makeRoom(in table: LimitedTable, _ added: Int) throws(StoreError) {
    let limit = capacity[keyPath: table.capacity]
    let bound = rows.withLock { rows in
      let sum = rows[keyPath: table.count].addingReportingOverflow(added)
      rows[keyPath: table.count] = sum.overflow ? .max : sum.partialValue
      return rows[keyPath: table.count]
    }
    guard added > 0, bound > limit + RecordCapacity.slack(of: limit) else { return }
    let kept = kept.withLock { $0 }
    let left = try write { database in
      let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table.name)") ?? 0
      guard count > limit + RecordCapacity.slack(of: limit) else { return count }
      let ids = try kept.compactMap {
        try Int64.fetchOne(
          database, sql: "SELECT id FROM id_peer WHERE perm_id = ?", arguments: [$0.column])
      }
      let sparing = ids.map(String.init).joined(separator: ",")
      try database.execute(
        sql: "\(table.deletion("\(table.owner) NOT IN (\(sparing))"))", arguments: [count - limit])
      let gone = database.changesCount
      try database.execute(sql: Self.unusedPeers)
      return count - gone
    }
    cache.forgetAll()
    rows.withLock { $0[keyPath: table.count] = left }
  }

  private static let unusedPeers = """
    DELETE FROM id_peer WHERE id NOT IN (SELECT id FROM binding)
    AND id NOT IN (SELECT id_1 FROM relation) AND id NOT IN (SELECT id_2 FROM relation)
    AND id NOT IN (SELECT id_1 FROM fraud) AND id NOT IN (SELECT id_2 FROM fraud)
    """
}

/// A table of records whose rows are counted.
private enum LimitedTable {
  case bindings, relations, contradictions

  var name: String {
    switch self {
    case .bindings: "binding"
    case .relations: "relation"
    case .contradictions: "fraud"
    }
  }

  /// Whose word a row is.
  var owner: String { self == .bindings ? "id" : "id_1" }

  private var key: String {
    switch self {
    case .bindings: "id"
    case .relations: "(id_1, rel_id, id_2)"
    case .contradictions: "(id_1, rel_id, id_2, timestamp)"
    }
  }

  var capacity: KeyPath<RecordCapacity, Int> {
    switch self {
    case .bindings: \.bindings
    case .relations: \.relations
    case .contradictions: \.contradictions
    }
  }

  var count: WritableKeyPath<RowCounts, Int> {
    switch self {
    case .bindings: \.bindings
    case .relations: \.relations
    case .contradictions: \.contradictions
    }
  }

  /// Deletes as many of the oldest rows as its argument says, of those that `condition` allows.
  func deletion(_ condition: String) -> String {
    let columns = key.trimmingCharacters(in: ["(", ")"])
    return """
      DELETE FROM \(name) WHERE \(key) IN
      (SELECT \(columns) FROM \(name) WHERE \(condition) ORDER BY timestamp LIMIT ?)
      """
  }
}
