import Foundation

/// The names that one database has on the disk, and how a repaired one takes the place of a damaged.
///
/// A file is written beside as `.new`; once complete it is renamed to `.repaired`, which promises that
/// it will be the database: whoever finds it goes on from there, so that the process may be killed at
/// any moment. The damaged one stays as `.damaged`, the last one of its kind.
struct DatabaseFile {
  let path: String

  var new: String { path + ".new" }
  var damaged: String { path + ".damaged" }
  /// A sound copy, of another day.
  var copy: String { path + ".copy" }
  private var repaired: String { path + ".repaired" }

  /// The log and the shared memory of SQLite, beside the database at `path`.
  private static func companions(of path: String) -> [String] { [path + "-wal", path + "-shm"] }

  /// Removes what a repair left that did not come to its end.
  func clearNew() {
    for file in [new] + Self.companions(of: new) { remove(file) }
  }

  /// Makes the closed database ``new`` the one at `path`.
  func replace() throws(StoreError) {
    remove(repaired)
    do { try FileManager.default.moveItem(atPath: new, toPath: repaired) } catch {
      throw .unwritable(path: path)
    }
    try finishReplacing()
  }

  /// Does what is left to be done of a replacement.
  func finishReplacing() throws(StoreError) {
    let files = FileManager.default
    guard files.fileExists(atPath: repaired) else { return }
    do {
      for suffix in ["", "-wal"] where files.fileExists(atPath: path + suffix) {
        remove(damaged + suffix)
        try files.linkItem(atPath: path + suffix, toPath: damaged + suffix)
      }
      // A log that stayed would be applied to the new database.
      for file in Self.companions(of: path) + [path] { remove(file) }
      try files.moveItem(atPath: repaired, toPath: path)
    } catch { throw .unwritable(path: path) }
  }

  /// Nothing happens where there is no such file.
  private func remove(_ file: String) { try? FileManager.default.removeItem(atPath: file) }
}
