import GRDB

extension Store {
  /// The value kept under `key`, nil where there is none.
  public func setting(_ key: Setting) throws(StoreError) -> String? {
    try read {
      try String.fetchOne(
        $0, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key.rawValue])
    }
  }

  /// Keeps `value` under `key`; nil removes it.
  public func setSetting(_ key: Setting, to value: String?) throws(StoreError) {
    try write { database in
      guard let value else {
        return try database.execute(
          sql: "DELETE FROM setting WHERE key = ?", arguments: [key.rawValue])
      }
      try database.execute(
        sql: """
          INSERT INTO setting(key, value) VALUES(?, ?)
          ON CONFLICT(key) DO UPDATE SET value = excluded.value
          """, arguments: [key.rawValue, value])
    }
  }
}
