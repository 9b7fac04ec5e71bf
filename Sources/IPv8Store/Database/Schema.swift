import GRDB

/// The tables of a database (protocol §6.2) and how an older one becomes a current one.
///
/// `application_id` says whose database it is and `user_version` which step it has reached. A step,
/// once released, is never edited: a change is a new step.
struct Schema {
  /// Four ASCII characters.
  let applicationID: Int
  /// Whether all pages are looked at before the database is used.
  let checksPages: Bool
  /// Step n brings a database from version n to n + 1.
  let steps: [String]

  /// Verifies that `database` is ours and sound, and brings it to the current version.
  ///
  /// Nothing is written before that is known, and all steps are one transaction.
  func prepare(_ database: Database, path: String) throws {
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

  private func checkedVersion(of database: Database, path: String) throws -> Int {
    let owner = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    let objects = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    let isNew = owner == 0 && version == 0 && objects == 0
    guard isNew || owner == applicationID else { throw StoreError.notADatabase(path: path) }
    guard version >= 0 else { throw StoreError.corrupt(path: path) }
    guard version <= steps.count else {
      throw StoreError.newerSchema(path: path, version: version)
    }
    if checksPages, try String.fetchOne(database, sql: "PRAGMA quick_check(1)") != "ok" {
      throw StoreError.corrupt(path: path)
    }
    return version
  }
}
