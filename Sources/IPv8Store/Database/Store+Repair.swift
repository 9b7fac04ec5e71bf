import Foundation
import GRDB
import IPv8Crypto
import IPv8Wire

/// What became of a damaged address book.
public struct StoreRepair: Equatable, Sendable {
  /// Where the damaged file lies now.
  public let setAside: String
  /// Whether something came from the copy that is made once a day, because the file had lost it.
  public let usedCopy: Bool
}

extension Store {
  /// Makes the copy now: at an orderly end, say. One that cannot be made is made another time.
  public func keepCopy() { makeCopy(at: DatabaseFile(path: path).copy) }

  /// Seconds after which a sound database is copied again.
  private static let copyAge = 86_400.0

  /// Opens the database at `path` as ``init(path:)`` does, and builds it anew where it is damaged: from
  /// what can still be read of it, and from the copy `.copy` what cannot. The damaged file stays
  /// beside.
  public static func repairing(
    _ path: String
  ) throws(StoreError) -> (store: Store, repair: StoreRepair?) {
    let file = DatabaseFile(path: path)
    try file.finishReplacing()
    do {
      let store = try Store(path: path)
      store.copyOnceADay(to: file.copy)
      return (store, nil)
    } catch {
      switch error {
      case .corrupt: break
      // A file that was never ours has no copy.
      case .notADatabase where FileManager.default.fileExists(atPath: file.copy): break
      default: throw error
      }
    }
    file.clearNew()
    let usedCopy = try salvage(file)
    try file.replace()
    let repair = StoreRepair(setAside: file.damaged, usedCopy: usedCopy)
    return (try Store(path: path), repair)
  }

  private static func salvage(_ file: DatabaseFile) throws(StoreError) -> Bool {
    let new = try Store(path: file.new)
    return try StoreError.translating(file.new) {
      let usedCopy = try new.queue.write { database in
        let salvage = BookSalvage(into: database)
        let incomplete = try salvage.take(from: file.path, BookSalvage.tables)
        guard !incomplete.isEmpty, FileManager.default.fileExists(atPath: file.copy) else {
          return false
        }
        _ = try salvage.take(from: file.copy, incomplete)
        // What did not fit while others were missing.
        _ = try salvage.take(from: file.path, BookSalvage.tables)
        return true
      }
      try new.queue.close()
      return usedCopy
    }
  }

  private func copyOnceADay(to copy: String) {
    let made = try? FileManager.default.attributesOfItem(atPath: copy)[.modificationDate] as? Date
    if let made, abs(made.timeIntervalSinceNow) < Self.copyAge { return }
    makeCopy(at: copy)
  }

  private func makeCopy(at copy: String) {
    let files = FileManager.default
    let new = copy + ".new"
    try? files.removeItem(atPath: new)
    Self.createFile(new)
    do {
      try queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [new]) }
      try? files.removeItem(atPath: copy)
      try files.moveItem(atPath: new, toPath: copy)
    } catch { try? files.removeItem(atPath: new) }
  }
}

/// Carries the rows of an address book over to a new one, as far as they can be read and make sense.
private struct BookSalvage {
  /// Whom others refer to comes first.
  static let tables = [
    "id_peer", "contact", "told_endpoint", "binding", "setting", "network", "rel_type",
    "own_relation",
  ]
  private static let integerKeys = [
    "id_peer": "id", "contact": "id", "told_endpoint": "id", "binding": "id", "rel_type": "rel_id",
  ]

  private let new: Database

  init(into new: Database) { self.new = new }

  /// Takes `tables` of the file at `path`; returns those of which something is missing.
  func take(from path: String, _ tables: [String]) throws -> [String] {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    guard let old = try? DatabaseQueue(path: path, configuration: configuration) else {
      return tables
    }
    var incomplete: [String] = []
    for table in tables {
      let (rows, isWhole) = old.inDatabase { Self.rows(of: table, $0) }
      var isComplete = isWhole
      for row in rows where try !put(row, into: table) { isComplete = false }
      if !isComplete { incomplete.append(table) }
    }
    try? old.close()
    return incomplete
  }

  private static func rows(of table: String, _ old: Database) -> (rows: [Row], isWhole: Bool) {
    var rows: [Row] = []
    do {
      if let key = integerKeys[table] {
        var losses = TableWalk.Losses()
        let walk = TableWalk(
          select: "SELECT * FROM \(table)", key: key, keyColumn: 0,
          isUnique: table != "told_endpoint")
        try walk.rows(old, into: &losses) { row in
          rows.append(row.copy())
          return true
        }
        return (rows, losses.isEmpty)
      }
      let isWhole = read("SELECT * FROM \(table)", into: &rows, old)
      if !isWhole {
        let keys = try old.primaryKey(table).columns.map { "\($0) DESC" }.joined(separator: ", ")
        _ = read("SELECT * FROM \(table) ORDER BY \(keys)", into: &rows, old)
      }
      return (rows, isWhole)
    } catch { return (rows, false) }
  }

  /// Up to where a page is damaged; whether none was.
  private static func read(_ sql: String, into rows: inout [Row], _ old: Database) -> Bool {
    do {
      let cursor = try Row.fetchCursor(old, sql: sql)
      while let row = try cursor.next() { rows.append(row.copy()) }
      return true
    } catch { return false }
  }

  /// Whether the row is there or was before; one that breaks a rule of its table is not taken.
  private func put(_ row: Row, into table: String) throws -> Bool {
    if table == "id_peer", !Self.isSound(row) { return false }
    let columns = row.columnNames.joined(separator: ", ")
    let places = row.columnNames.map { _ in "?" }.joined(separator: ", ")
    do {
      try new.execute(
        sql: "INSERT OR IGNORE INTO \(table)(\(columns)) VALUES(\(places))",
        arguments: StatementArguments(row.databaseValues))
      return true
    } catch let error as DatabaseError {
      switch error.resultCode {
      case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_ERROR: return false
      default: throw error
      }
    }
  }

  /// Whether the address is the PermID's.
  private static func isSound(_ row: Row) -> Bool {
    guard let permID = try? row.permID("perm_id"),
      let address = try? row.overlayAddress("addr")
    else { return false }
    return OverlayAddress(of: permID) == address
  }
}
