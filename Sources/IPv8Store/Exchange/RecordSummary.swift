import Foundation
import GRDB
import IPv8Wire

/// How much a store of records holds.
public struct RecordSummary: Equatable, Sendable {
  public struct Table: Equatable, Sendable {
    public let count: Int
    /// The least and the greatest timestamp; nil where there is no row.
    public let oldest: WallTime?
    public let newest: WallTime?
  }

  /// Peers that records speak of.
  public let peers: Int
  public let bindings: Table
  public let relations: Table
  public let contradictions: Table
  /// Bytes on the disk.
  public let bytes: Int
}

extension RecordStore {
  /// Counts all rows.
  public func summary() throws(StoreError) -> RecordSummary {
    let bytes = ["", "-wal"].reduce(0) { sum, suffix in
      let facts = try? FileManager.default.attributesOfItem(atPath: path + suffix)
      return sum + (facts?[.size] as? Int ?? 0)
    }
    return try read { database in
      RecordSummary(
        peers: try Int.fetchOne(database, sql: "SELECT count(*) FROM id_peer") ?? 0,
        bindings: try table("binding", database), relations: try table("relation", database),
        contradictions: try table("fraud", database), bytes: bytes)
    }
  }

  private func table(_ name: String, _ database: Database) throws -> RecordSummary.Table {
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(name)") ?? 0
    // Each by itself: where there is an index on it, the answer is at its end.
    let oldest = try Int64.fetchOne(database, sql: "SELECT min(timestamp) FROM \(name)")
    let newest = try Int64.fetchOne(database, sql: "SELECT max(timestamp) FROM \(name)")
    return RecordSummary.Table(
      count: count, oldest: oldest.map { WallTime(milliseconds: UInt64(clamping: $0)) },
      newest: newest.map { WallTime(milliseconds: UInt64(clamping: $0)) })
  }
}
