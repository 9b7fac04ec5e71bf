import GRDB
import IPv8Records
import IPv8Wire
import Synchronization

/// What became of a damaged file of records.
public struct RecordRepair: Equatable, Sendable {
  /// Where the damaged file lies now.
  public let setAside: String
  /// Records that could still be read and are in the new file; the others come back from peers.
  public let saved: Int
}

extension RecordStore {
  /// Looks at all pages where the last process was killed, and rebuilds the file where something is
  /// damaged; nil where nothing was. To be called some time after the start, off any path that
  /// others wait for: writers wait for the end, readers do not.
  public func mend() throws(StoreError) -> RecordRepair? {
    switch condition.withLock({ $0 }) {
    case .sound: return nil
    case .unchecked where try check():
      condition.withLock { if $0 == .unchecked { $0 = .sound } }
      return nil
    case .unchecked, .damaged: break
    }
    return try writing.withLock { _ throws(StoreError) in
      let old = pool.withLock { $0 }
      let saved = try Self.salvage(path) { body in
        try old.read { _ = try Loading($0).all(body) }
      }
      try? old.close()
      let new = try Self.replace(path)
      pool.withLock { $0 = new }
      rows.withLock { $0 = RowCounts() }
      cache.forgetAll()
      condition.withLock { $0 = .sound }
      return RecordRepair(setAside: DatabaseFile(path: path).damaged, saved: saved)
    }
  }

  /// Looks at all pages; false where one is damaged. Readers and writers go on meanwhile.
  public func check() throws(StoreError) -> Bool {
    do {
      return try read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") == "ok" }
    } catch {
      guard case .corrupt = error else { throw error }
      return false
    }
  }

  /// Builds a file anew that cannot even be opened.
  static func rebuild(_ path: String) throws(StoreError) -> (DatabasePool, RecordRepair) {
    let saved = try salvage(path) { body in
      var configuration = GRDB.Configuration()
      configuration.readonly = true
      let old = try DatabaseQueue(path: path, configuration: configuration)
      try old.read { _ = try Loading($0).all(body) }
    }
    let pool = try replace(path)
    return (pool, RecordRepair(setAside: DatabaseFile(path: path).damaged, saved: saved))
  }

  private static func replace(_ path: String) throws(StoreError) -> DatabasePool {
    try DatabaseFile(path: path).replace()
    return try open(path).pool
  }

  /// Writes what `load` still finds into a new file beside the one at `path`; how many records.
  private static func salvage(
    _ path: String, _ load: ((LoadedRecords) throws -> Void) throws -> Void
  ) throws(StoreError) -> Int {
    let file = DatabaseFile(path: path)
    file.clearNew()
    let new = try open(file.new).pool
    var saved = 0
    var failure: (any Error)?
    do {
      try load { records in
        do {
          saved += try new.write { try RecordWriting.put(records, $0) }
        } catch {
          failure = error
          throw error
        }
      }
    } catch {
      // What cannot be read is lost; what cannot be written, a full disk say, ends the repair.
      if let failure { return try StoreError.translating(file.new) { throw failure } }
    }
    try StoreError.translating(file.new) { try new.close() }
    return saved
  }
}

extension RecordWriting {
  /// Writes `records`; returns how many.
  fileprivate static func put(_ records: LoadedRecords, _ database: Database) throws -> Int {
    var writing = try RecordWriting(database)
    switch records {
    case .bindings(let all):
      for binding in all { try writing.apply(.binding(binding)) }
      return all.count
    case .relations(let all):
      for relation in all { try writing.apply(.relation(relation)) }
      return all.count
    case .contradictions(let all):
      for proof in all { try writing.apply(.contradiction(proof)) }
      return all.count
    }
  }
}
