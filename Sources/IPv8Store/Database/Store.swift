import Foundation
import GRDB
import IPv8Wire

/// What a peer remembers: whom it knows, where they are, and its own settings; in one SQLite file.
///
/// Each call is one transaction: what returned survives the process being killed at any moment
/// after, what threw changed nothing. (`synchronous = NORMAL` in WAL mode: a power failure may undo
/// the last transactions, and leaves the file consistent.) Calls from several threads take turns.
public final class Store: Sendable {
  /// Seconds that a call waits for another process that is writing.
  static let busySeconds = 2.0

  public let path: String
  let queue: DatabaseQueue

  /// Opens the database at `path`, or makes it, readable by its owner alone.
  public init(path: String) throws(StoreError) {
    self.path = path
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(Self.busySeconds)
    queue = try Self.translating(path) {
      if !FileManager.default.fileExists(atPath: path) {
        // Where this fails, opening fails too and says why.
        _ = FileManager.default.createFile(
          atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
      }
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { try Schema.prepare($0, path: path) }
      return queue
    }
  }

  func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try Self.translating(path) { try queue.read(body) }
  }

  func write<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try Self.translating(path) { try queue.write(body) }
  }

  private static func translating<T>(
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
