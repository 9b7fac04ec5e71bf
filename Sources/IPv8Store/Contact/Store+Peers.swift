import GRDB
import IPv8Wire

extension Store {
  public func peer(_ permID: PermID) throws(StoreError) -> StoredPeer? {
    try read { database in
      try Row.fetchOne(
        database, sql: "SELECT * FROM id_peer WHERE perm_id = ?", arguments: [permID.column]
      ).map(Self.peer)
    }
  }

  /// Makes `permID` known, so that what it signs can be kept.
  public func addPeer(
    _ permID: PermID, address: OverlayAddress, now: WallTime
  ) throws(StoreError) {
    _ = try write { try Self.peerRow(permID, address: address, now: now, $0) }
  }

  static func peer(_ row: Row) throws -> StoredPeer {
    let handshakeTime: Int64 = row["hs_time"]
    return StoredPeer(
      permID: try row.permID("perm_id"), address: try row.overlayAddress("addr"),
      firstSeen: row.wallTime("first_seen") ?? WallTime(milliseconds: 0),
      handshakeTime: UInt64(clamping: handshakeTime))
  }

  /// The row number of `permID`; nil where it is not known.
  static func peerRow(of permID: PermID, _ database: Database) throws -> Int64? {
    try Int64.fetchOne(
      database, sql: "SELECT id FROM id_peer WHERE perm_id = ?", arguments: [permID.column])
  }

  /// The row number of `permID`, which is added where it is not known.
  static func peerRow(
    _ permID: PermID, address: OverlayAddress, now: WallTime, _ database: Database
  ) throws -> Int64 {
    if let id = try peerRow(of: permID, database) { return id }
    try database.execute(
      sql: "INSERT INTO id_peer(perm_id, addr, first_seen) VALUES(?, ?, ?)",
      arguments: [permID.column, address.column, now.column])
    return database.lastInsertedRowID
  }
}
