import GRDB
import IPv8Wire

extension Store {
  /// Notes a handshake time accepted from `permID`, Unix milliseconds; an earlier one than the one
  /// kept changes nothing.
  public func setHandshakeTime(_ permID: PermID, to milliseconds: UInt64) throws(StoreError) {
    try write {
      try $0.execute(
        sql: "UPDATE id_peer SET hs_time = max(hs_time, ?) WHERE perm_id = ?",
        arguments: [Int64(clamping: milliseconds), permID.column])
    }
  }

  /// Notes that an authenticated session with a contact opened from `endpoint`, nil where that
  /// means nothing later: a relay, a link-local address.
  public func noteOpen(
    _ permID: PermID, from endpoint: Endpoint?, now: WallTime
  ) throws(StoreError) {
    try write { database in
      guard let id = try Self.peerRow(of: permID, database) else { return }
      try database.execute(
        sql: "UPDATE contact SET last_open = ? WHERE id = ?", arguments: [now.column, id])
      guard let endpoint, endpoint.scope == 0 else { return }
      var seen: StatementArguments
      switch endpoint.address {
      case .v4(let address): seen = [Int64(address.value), Int64(endpoint.port), nil, nil]
      case .v6(let address): seen = [nil, nil, address.column, Int64(endpoint.port)]
      }
      seen += [id]
      try database.execute(
        sql: """
          UPDATE contact SET seen_ipv4 = ?, seen_port = ?, seen_ipv6 = ?, seen_port6 = ?
          WHERE id = ?
          """, arguments: seen)
    }
  }

  /// Gives a contact its local IPv4 address; nil takes it away.
  public func setAlias(
    _ permID: PermID, to alias: StoredContact.Alias?
  ) throws(StoreError) {
    try write { database in
      guard let id = try Self.peerRow(of: permID, database) else { return }
      let column = alias.map { Int64($0.address.value) }
      let holder = try Int64.fetchOne(
        database, sql: "SELECT id FROM contact WHERE alias4 = ? AND id != ?",
        arguments: [column, id])
      if let alias, holder != nil { throw StoreError.aliasTaken(alias.address) }
      try database.execute(
        sql: "UPDATE contact SET alias_index = ?, alias4 = ? WHERE id = ?",
        arguments: [alias?.index, column, id])
    }
  }
}
