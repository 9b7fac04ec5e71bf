import GRDB
import IPv8Wire

extension Store {
  /// The contacts in `database`, or the one with `permID`.
  static func contacts(_ database: Database, of permID: PermID? = nil) throws -> [StoredContact] {
    let told = try toldEndpoints(database)
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT * FROM contact JOIN id_peer USING(id)
        WHERE :permID IS NULL OR perm_id = :permID ORDER BY added, id
        """, arguments: ["permID": permID?.column])
    return try rows.map { try contact($0, endpoints: told[$0["id"]] ?? []) }
  }

  private static func contact(_ row: Row, endpoints: [ToldAddress]) throws -> StoredContact {
    let alias = row.ipv4("alias4").map {
      StoredContact.Alias(index: row["alias_index"] ?? 0, address: $0)
    }
    return StoredContact(
      peer: try peer(row), name: row["name"],
      added: row.wallTime("added") ?? WallTime(milliseconds: 0), keepOpen: row["keep_open"],
      endpoints: endpoints, alias: alias, lastSeen: lastSeen(row),
      lastOpen: row.wallTime("last_open"))
  }

  private static func lastSeen(_ row: Row) -> Endpoint? {
    if let address = row.ipv4("seen_ipv4") {
      return Endpoint(.v4(address), port: row.port("seen_port"))
    }
    return row.ipv6("seen_ipv6").map { Endpoint(.v6($0), port: row.port("seen_port6")) }
  }

  private static func toldEndpoints(_ database: Database) throws -> [Int64: [ToldAddress]] {
    var told: [Int64: [ToldAddress]] = [:]
    let rows = try Row.fetchAll(
      database, sql: "SELECT id, host, port, is_stream FROM told_endpoint ORDER BY id, position")
    for row in rows {
      let id: Int64 = row["id"]
      let host: String = row["host"]
      let bracketed = host.contains(":") ? "[\(host)]" : host
      guard let location = HostPort(text: "\(bracketed):\(row.port("port"))") else {
        throw MalformedRow()
      }
      told[id, default: []].append(
        row["is_stream"] ? .stream(StreamAddress(location)) : .datagrams(location))
    }
    return told
  }
}
