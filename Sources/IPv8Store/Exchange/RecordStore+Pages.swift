import Foundation
import GRDB
import IPv8Records
import IPv8Wire

extension RecordStore {
  /// Lines of a page.
  public static let pageLimit = 256

  /// A part of all records as lines of JSON.
  ///
  /// - Parameters:
  ///   - cursor: what the page before gave as its next; nil for the first.
  ///   - types: names of relation types.
  /// - Returns: lines, and where the next page begins; nil behind the last. Nil where `cursor` is none
  ///   of ours.
  public func page(
    after cursor: String?, types: RelationTypes
  ) throws(StoreError) -> (lines: [String], next: String?)? {
    guard var place = PagePlace(cursor) else { return nil }
    let limit = Self.pageLimit
    return try read { database in
      while true {
        let rows = try place.rows(database, limit: limit)
        let lines = try rows.compactMap { try place.line($0, types) }
        if let last = rows.last, rows.count == limit {
          place.keys = try place.keys.indices.map { try last.decode(Int64.self, atIndex: $0) }
          return (lines, place.text)
        }
        guard let next = place.nextTable else { return (lines, nil) }
        if !lines.isEmpty { return (lines, next.text) }
        place = next
      }
    }
  }
}

/// Where a page begins: behind a row of a table.
private struct PagePlace {
  enum Table: String, CaseIterable {
    case binding
    case relation
    case fraud
  }

  let table: Table
  var keys: [Int64]

  init?(_ text: String?) {
    guard let text else {
      self.init(.binding)
      return
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let table = parts.first.flatMap({ Table(rawValue: String($0)) }) else { return nil }
    self.init(table)
    let keys = parts.dropFirst().compactMap { Int64($0) }
    guard keys.count == parts.count - 1, keys.count == self.keys.count else { return nil }
    self.keys = keys
  }

  init(_ table: Table) {
    self.table = table
    let columns =
      switch table {
      case .binding: 1
      case .relation: 3
      case .fraud: 4
      }
    keys = Array(repeating: Int64.min, count: columns)
  }

  var text: String { ([table.rawValue] + keys.map(String.init)).joined(separator: ".") }

  var nextTable: PagePlace? {
    switch table {
    case .binding: PagePlace(.relation)
    case .relation: PagePlace(.fraud)
    case .fraud: nil
    }
  }

  /// Their first columns are the keys.
  func rows(_ database: Database, limit: Int) throws -> [Row] {
    let sql =
      switch table {
      case .binding:
        """
        SELECT binding.id, \(BindingRow.columns) FROM binding LEFT JOIN id_peer USING(id)
        WHERE binding.id > ? ORDER BY binding.id LIMIT \(limit)
        """
      case .relation:
        """
        SELECT id_1, rel_id, id_2, a.perm_id, b.perm_id, \(RelationRow.columns) FROM relation
        LEFT JOIN id_peer a ON a.id = id_1 LEFT JOIN id_peer b ON b.id = id_2
        WHERE (id_1, rel_id, id_2) > (?, ?, ?) ORDER BY id_1, rel_id, id_2 LIMIT \(limit)
        """
      case .fraud:
        """
        SELECT id_1, rel_id, id_2, timestamp, proof FROM fraud
        WHERE (id_1, rel_id, id_2, timestamp) > (?, ?, ?, ?)
        ORDER BY id_1, rel_id, id_2, timestamp LIMIT \(limit)
        """
      }
    return try Row.fetchAll(database, sql: sql, arguments: StatementArguments(keys))
  }

  /// Nil where the row is not what was stored.
  func line(_ row: Row, _ types: RelationTypes) throws -> String? {
    do {
      switch table {
      case .binding:
        return try BindingRow.binding(row, from: 1).map { try RecordLine($0).text }
      case .relation:
        let signer = try row.decode(Data.self, atIndex: 3)
        let subject = try row.decode(Data.self, atIndex: 4)
        guard let signer = PermID([UInt8](signer)), let subject = PermID([UInt8](subject)) else {
          return nil
        }
        return try RelationRow.relation(row, signer: signer, subject: subject, from: 5)
          .map { try RecordLine($0, types: types).text }
      case .fraud:
        let proof = try row.decode(Data.self, atIndex: 4)
        return try Contradiction(stored: [UInt8](proof))
          .map { try RecordLine($0, types: types).text }
      }
    } catch is RowDecodingError { return nil }
  }
}
