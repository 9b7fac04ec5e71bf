import GRDB
import IPv8Wire

extension Store {
  public static let contactLimit = 4096
  public static let endpointLimit = 16

  /// All contacts, the first added first.
  public func contacts() throws(StoreError) -> [StoredContact] {
    try read { try Self.contacts($0) }
  }

  public func contact(_ permID: PermID) throws(StoreError) -> StoredContact? {
    try read { try Self.contacts($0, of: permID).first }
  }

  /// Adds a contact, or changes one: what is not given (a nil name or flag, no endpoints) stays.
  ///
  /// The first IPv4 and IPv6 literals among `endpoints` become its binding until one that it
  /// signed is known.
  @discardableResult
  public func addContact(
    _ permID: PermID, address: OverlayAddress, name: String? = nil, endpoints: [ToldAddress] = [],
    keepOpen: Bool? = nil, now: WallTime
  ) throws(StoreError) -> StoredContact {
    if let name, !PeerName.isValid(name) { throw .nameInvalid(name) }
    if endpoints.count > Self.endpointLimit { throw .tooManyEndpoints(limit: Self.endpointLimit) }
    return try write { database in
      let id = try Self.peerRow(permID, address: address, now: now, database)
      try Self.putContact(id, name: name, keepOpen: keepOpen, now: now, database)
      if !endpoints.isEmpty {
        try Self.replaceEndpoints(id, permID, with: endpoints, now: now, database)
      }
      guard let contact = try Self.contacts(database, of: permID).first else {
        throw MalformedRow()
      }
      return contact
    }
  }

  /// Forgets a contact and what the user told of it. Its handshake time stays, lest old handshakes
  /// become fresh when it is added again; so does a binding that it signed. Whether it was one.
  @discardableResult
  public func removeContact(_ permID: PermID) throws(StoreError) -> Bool {
    try write { database in
      guard let id = try Self.peerRow(of: permID, database) else { return false }
      try database.execute(sql: "DELETE FROM contact WHERE id = ?", arguments: [id])
      guard database.changesCount > 0 else { return false }
      try Self.removeToldBinding(of: id, database)
      return true
    }
  }

  private static func putContact(
    _ id: Int64, name: String?, keepOpen: Bool?, now: WallTime, _ database: Database
  ) throws {
    let namesake = try Int64.fetchOne(
      database, sql: "SELECT id FROM contact WHERE name = ? AND id != ?", arguments: [name, id])
    if let name, namesake != nil { throw StoreError.nameTaken(name) }
    try database.execute(
      sql: """
        INSERT INTO contact(id, name, added, keep_open) VALUES(:id, :name, :added, coalesce(:keep, 0))
        ON CONFLICT(id) DO UPDATE SET name = coalesce(:name, name),
          keep_open = coalesce(:keep, keep_open)
        """, arguments: ["id": id, "name": name, "added": now.column, "keep": keepOpen])
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM contact") ?? 0
    if count > contactLimit { throw StoreError.tooManyContacts(limit: contactLimit) }
  }

  private static func replaceEndpoints(
    _ id: Int64, _ permID: PermID, with endpoints: [ToldAddress], now: WallTime,
    _ database: Database
  ) throws {
    try database.execute(sql: "DELETE FROM told_endpoint WHERE id = ?", arguments: [id])
    for (position, endpoint) in endpoints.enumerated() {
      try database.execute(
        sql: """
          INSERT INTO told_endpoint(id, position, host, port, is_stream) VALUES(?, ?, ?, ?, ?)
          """,
        arguments: [
          id, position, endpoint.location.host, Int64(endpoint.location.port), endpoint.isStream,
        ])
    }
    try removeToldBinding(of: id, database)
    let locations = endpoints.filter { !$0.isStream }.map(\.location)
    if let told = StoredBinding(told: locations, of: permID, at: now) {
      _ = try put(told, database)
    }
  }
}

extension StoredBinding {
  /// The unsigned binding of the first literal of each family in `endpoints`; nil without one.
  init?(told endpoints: [HostPort], of permID: PermID, at now: WallTime) {
    var ipv4: (address: IPv4Address, port: UInt16)?
    var ipv6: (address: IPv6Address, port: UInt16)?
    for endpoint in endpoints {
      switch IPAddress(text: endpoint.host) {
      case .v4(let address): ipv4 = ipv4 ?? (address, endpoint.port)
      case .v6(let address): ipv6 = ipv6 ?? (address, endpoint.port)
      case nil: break
      }
    }
    guard ipv4 != nil || ipv6 != nil else { return nil }
    self.init(
      permID: permID, ipv4: ipv4?.address, port: ipv4?.port ?? 0, ipv6: ipv6?.address,
      port6: ipv6?.port ?? 0, timestamp: now, certificate: [])
  }
}
