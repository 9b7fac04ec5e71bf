import Foundation
import GRDB
import IPv8Wire

extension Store {
  /// Keeps `binding` if it replaces what is kept (``StoredBinding/replaces(_:)``) and its peer is
  /// known. Whether it was stored.
  @discardableResult
  public func putBinding(_ binding: StoredBinding) throws(StoreError) -> Bool {
    try write { try Self.put(binding, $0) }
  }

  /// What is known of where `permID` is.
  public func binding(of permID: PermID) throws(StoreError) -> StoredBinding? {
    try read { try Self.binding(of: permID, $0) }
  }

  static func binding(of permID: PermID, _ database: Database) throws -> StoredBinding? {
    let row = try Row.fetchOne(
      database,
      sql: "SELECT binding.* FROM binding JOIN id_peer USING(id) WHERE perm_id = ?",
      arguments: [permID.column])
    guard let row else { return nil }
    let certificate: Data = row["certificate"]
    return StoredBinding(
      permID: permID, ipv4: row.ipv4("ipv4"), port: row.port("port"), ipv6: row.ipv6("ipv6"),
      port6: row.port("port6"), timestamp: row.wallTime("timestamp") ?? WallTime(milliseconds: 0),
      certificate: [UInt8](certificate))
  }

  static func put(_ binding: StoredBinding, _ database: Database) throws -> Bool {
    guard let id = try peerRow(of: binding.permID, database) else { return false }
    if let kept = try Self.binding(of: binding.permID, database), !binding.replaces(kept) {
      return false
    }
    try database.execute(
      sql: """
        INSERT OR REPLACE INTO binding(id, ipv4, port, ipv6, port6, timestamp, certificate)
        VALUES(?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, Int64(binding.ipv4?.value ?? 0), Int64(binding.port), binding.ipv6?.column,
        Int64(binding.port6), binding.timestamp.column, Data(binding.certificate),
      ])
    return true
  }

  static func removeToldBinding(of id: Int64, _ database: Database) throws {
    try database.execute(
      sql: "DELETE FROM binding WHERE id = ? AND length(certificate) = 0", arguments: [id])
  }
}
