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
    queue = try StoreError.translating(path) {
      Self.createFile(path)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { try Schema.book.prepare($0, path: path) }
      return queue
    }
  }

  func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try StoreError.translating(path) { try queue.read(body) }
  }

  func write<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try StoreError.translating(path) { try queue.write(body) }
  }

  /// Makes an empty file that its owner alone may read, where there is none. Where that fails,
  /// opening fails too and says why.
  static func createFile(_ path: String) {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    _ = FileManager.default.createFile(
      atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
  }
}
