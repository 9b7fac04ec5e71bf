import GRDB

/// The tables (protocol §6.2) and how an older database becomes a current one.
///
/// `application_id` says whose database it is and `user_version` which step it has reached. A step,
/// once released, is never edited: a change is a new step.
enum Schema {
  /// "IPv8" in ASCII.
  static let applicationID = 0x4950_7638

  /// Step n brings a database from version n to n + 1.
  static let steps = [
    """
    CREATE TABLE id_peer(
      id INTEGER PRIMARY KEY,
      perm_id BLOB NOT NULL UNIQUE CHECK(length(perm_id) = 32),
      addr BLOB NOT NULL UNIQUE CHECK(length(addr) = 14),
      first_seen INTEGER NOT NULL,
      hs_time INTEGER NOT NULL DEFAULT 0) STRICT;

    -- One row per peer. ipv4 0 and ipv6 NULL: no such endpoint. An empty certificate: told by the
    -- local user, unsigned.
    CREATE TABLE binding(
      id INTEGER PRIMARY KEY REFERENCES id_peer(id) ON DELETE CASCADE,
      ipv4 INTEGER NOT NULL CHECK(ipv4 BETWEEN 0 AND 4294967295),
      port INTEGER NOT NULL CHECK(port BETWEEN 0 AND 65535),
      ipv6 BLOB CHECK(length(ipv6) = 16),
      port6 INTEGER NOT NULL CHECK(port6 BETWEEN 0 AND 65535),
      timestamp INTEGER NOT NULL,
      certificate BLOB NOT NULL) STRICT;
    CREATE INDEX binding_timestamp ON binding(timestamp);

    CREATE TABLE contact(
      id INTEGER PRIMARY KEY REFERENCES id_peer(id) ON DELETE CASCADE,
      name TEXT UNIQUE,
      added INTEGER NOT NULL,
      keep_open INTEGER NOT NULL CHECK(keep_open IN (0, 1)),
      alias_index INTEGER,
      alias4 INTEGER UNIQUE CHECK(alias4 BETWEEN 0 AND 4294967295),
      seen_ipv4 INTEGER CHECK(seen_ipv4 BETWEEN 0 AND 4294967295),
      seen_port INTEGER CHECK(seen_port BETWEEN 0 AND 65535),
      seen_ipv6 BLOB CHECK(length(seen_ipv6) = 16),
      seen_port6 INTEGER CHECK(seen_port6 BETWEEN 0 AND 65535),
      last_open INTEGER) STRICT;

    CREATE TABLE told_endpoint(
      id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      host TEXT NOT NULL,
      port INTEGER NOT NULL CHECK(port BETWEEN 1 AND 65535),
      PRIMARY KEY(id, position)) STRICT, WITHOUT ROWID;

    CREATE TABLE setting(
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    -- How long the NATs of networks keep mappings, in seconds; NULL: not known. A row is replaced as
    -- a whole.
    CREATE TABLE network(
      identity BLOB PRIMARY KEY,
      measured INTEGER NOT NULL,
      unreplied_alive INTEGER,
      unreplied_dead INTEGER,
      established_alive INTEGER,
      established_dead INTEGER,
      absolute INTEGER) STRICT, WITHOUT ROWID;
    """,
    // An HTTPS address beside those for UDP.
    """
    ALTER TABLE told_endpoint
      ADD COLUMN is_stream INTEGER NOT NULL DEFAULT 0 CHECK(is_stream IN (0, 1));
    """,
  ]

  /// Verifies that `database` is ours and sound, and brings it to the current version.
  ///
  /// Nothing is written before that is known, and all steps are one transaction.
  static func prepare(_ database: Database, path: String) throws {
    let version = try checkedVersion(of: database, path: path)
    try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    // The write lock is taken even where there is nothing to write, so that a file that cannot be
    // written is refused now and not at the first change.
    try database.inTransaction(.immediate) {
      for step in steps[version...] { try database.execute(sql: step) }
      if version < steps.count {
        try database.execute(
          sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(steps.count)")
      }
      return .commit
    }
  }

  private static func checkedVersion(of database: Database, path: String) throws -> Int {
    let owner = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    let isNew = owner == 0 && version == 0 && objects == 0
    guard isNew || owner == applicationID else { throw StoreError.notADatabase(path: path) }
    guard version <= steps.count else {
      throw StoreError.newerSchema(path: path, version: version)
    }
    guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
      throw StoreError.corrupt(path: path)
    }
    return version
  }
}
