import Foundation
import GRDB
import IPv8Wire

extension Store {
  /// Networks that are remembered; beyond, those measured longest ago go.
  public static let networkLimit = 64

  /// The networks that were measured, the one measured longest ago first.
  public func networks() throws(StoreError) -> [StoredNetwork] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM network ORDER BY measured").map { row in
        let identity: Data = row["identity"]
        return StoredNetwork(
          identity: [UInt8](identity),
          measured: row.wallTime("measured") ?? WallTime(milliseconds: 0),
          unreplied: bounds(row, "unreplied"), established: bounds(row, "established"),
          absolute: row["absolute"])
      }
    }
  }

  /// Remembers what was measured of a network.
  public func putNetwork(_ network: StoredNetwork) throws(StoreError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO network VALUES(?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          Data(network.identity), network.measured.column, network.unreplied?.alive,
          network.unreplied?.dead, network.established?.alive, network.established?.dead,
          network.absolute,
        ])
      try database.execute(
        sql: """
          DELETE FROM network WHERE identity NOT IN
          (SELECT identity FROM network ORDER BY measured DESC LIMIT ?)
          """, arguments: [Self.networkLimit])
    }
  }
}

private func bounds(_ row: Row, _ timer: String) -> StoredNetwork.Bounds? {
  let alive: Int64? = row["\(timer)_alive"]
  return alive.map { StoredNetwork.Bounds(alive: $0, dead: row["\(timer)_dead"]) }
}
