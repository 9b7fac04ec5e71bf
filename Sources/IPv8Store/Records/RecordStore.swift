import Foundation
import GRDB
import IPv8Wire
import Synchronization

/// The records of others, as they signed them: bindings, relations and contradictions; in one SQLite
/// file of its own, so that nothing that a million strangers write can hold up or harm the address
/// book.
///
/// Each writing call is one transaction: what returned survives the process being killed at any
/// moment after, what threw changed nothing. Calls from several threads take turns; readers see the
/// last transaction and do not wait for a writer.
public final class RecordStore: Sendable {
  public let path: String
  public let capacity: RecordCapacity
  /// What had to be thrown away or rebuilt while opening; nil where the file was sound.
  public let repair: RecordRepair?

  let pool: Mutex<DatabasePool>
  let cache: RecordCache
  /// Upper bounds of the numbers of rows, made exact where they matter.
  let rows = Mutex(RowCounts())
  /// PermIDs whose rows the last line spares: contacts, and this machine.
  let kept = Mutex<Set<PermID>>([])
  /// Held while something is written.
  let writing = Mutex<Void>(())
  let condition: Mutex<Condition>

  /// What is known of the file.
  enum Condition {
    case sound
    /// The last process that had it was killed: its pages deserve a look.
    case unchecked
    /// Something was found that is not what was stored.
    case damaged
  }

  /// Opens the database at `path`, or makes it, readable by its owner alone. A damaged one is set
  /// aside, and what can still be read of it goes into a new one.
  ///
  /// - Parameter cached: look-ups whose answers are kept in memory.
  public init(
    path: String, capacity: RecordCapacity, cached: Int = 16_384
  ) throws(StoreError) {
    self.path = path
    self.capacity = capacity
    cache = RecordCache(capacity: cached)
    try DatabaseFile(path: path).finishReplacing()
    var repair: RecordRepair?
    let pool: DatabasePool
    let wasClosed: Bool
    do throws(StoreError) {
      (pool, wasClosed) = try Self.open(path)
    } catch {
      switch error {
      case .corrupt, .notADatabase:
        (pool, repair) = try Self.rebuild(path)
        wasClosed = true
      default: throw error
      }
    }
    self.repair = repair
    self.pool = Mutex(pool)
    condition = Mutex(wasClosed ? .sound : .unchecked)
  }

  /// Ends the use of the store. Where nothing is wrong, the next one need not look closer.
  public func close() throws(StoreError) {
    try writing.withLock { _ throws(StoreError) in
      let isSound = condition.withLock { $0 == .sound }
      if isSound { try write { try $0.execute(sql: "UPDATE condition SET is_closed = 1") } }
      let pool = pool.withLock { $0 }
      try StoreError.translating(path) { try pool.close() }
    }
  }

  /// Spares the rows of `permIDs` when the oldest rows of a table beyond its capacity go.
  public func keep(_ permIDs: Set<PermID>) { kept.withLock { $0 = permIDs } }

  func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    let pool = pool.withLock { $0 }
    return try StoreError.translating(path) { try pool.read(body) }
  }

  func write<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    let pool = pool.withLock { $0 }
    return try StoreError.translating(path) { try pool.write(body) }
  }

  /// Opens the database at `path` for use; also whether its last use came to its end.
  static func open(
    _ path: String
  ) throws(StoreError) -> (pool: DatabasePool, wasClosed: Bool) {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(Store.busySeconds)
    configuration.maximumReaderCount = 3
    configuration.prepareDatabase { database in
      // Kilobytes of pages in memory at most, and bytes of the log that stay on the disk: keys are
      // hashes, so that a batch touches pages everywhere.
      let cacheSize = database.configuration.readonly ? 4_096 : 65_536
      try database.execute(
        sql: "PRAGMA cache_size = -\(cacheSize); PRAGMA journal_size_limit = 16777216")
    }
    return try StoreError.translating(path) {
      Store.createFile(path)
      // A pool writes at once, and so it gets only what is ours.
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { try Schema.records.prepare($0, path: path) }
      try queue.close()
      let pool = try DatabasePool(path: path, configuration: configuration)
      let wasClosed = try pool.write { database in
        let isClosed = try Bool.fetchOne(database, sql: "SELECT is_closed FROM condition")
        try database.execute(sql: "INSERT OR REPLACE INTO condition VALUES(0, 0)")
        return isClosed == true
      }
      return (pool, wasClosed)
    }
  }
}

/// No fewer rows than there are.
struct RowCounts {
  var bindings = Int.max
  var relations = Int.max
  var contradictions = Int.max
}
