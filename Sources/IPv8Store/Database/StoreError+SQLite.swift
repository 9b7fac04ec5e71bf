import GRDB

extension StoreError {
  init(_ error: DatabaseError, path: String) {
    switch error.resultCode {
    case .SQLITE_NOTADB: self = .notADatabase(path: path)
    case .SQLITE_CORRUPT: self = .corrupt(path: path)
    case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self = .unwritable(path: path)
    case .SQLITE_FULL: self = .diskFull(path: path)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
    case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHMSIZE:
      // The shared-memory file of the write-ahead log could not grow.
      self = .diskFull(path: path)
    default: self = .failed(path: path, code: error.extendedResultCode.rawValue)
    }
  }

  /// Does `body` on the database at `path`; what SQLite throws becomes a ``StoreError``.
  static func translating<T>(
    _ path: String, _ body: () throws -> T
  ) throws(StoreError) -> T {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      throw StoreError(error, path: path)
    } catch {
      // A row that SQLite holds and its types refuse.
      throw .corrupt(path: path)
    }
  }
}
