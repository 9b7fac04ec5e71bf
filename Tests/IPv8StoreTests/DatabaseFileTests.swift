import Foundation
import GRDB
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct DatabaseFileTests {
  let directory: TemporaryDirectory
  var path: String { directory.database }

  init() throws { directory = try TemporaryDirectory() }

  private func contents() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  /// Writes `bytes` where the database belongs and expects that opening throws `error` and leaves
  /// the bytes alone.
  private func expectRefusal(of bytes: Data, _ error: StoreError) throws {
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(throws: error) { try Store(path: path) }
    #expect(try contents() == bytes)
  }

  @Test("a new database is readable by its owner alone, in WAL mode, and strict")
  func fresh() throws {
    let store = try Store(path: path)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let mode = try store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
    let synchronous = try store.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    let lax = try store.read {
      try String.fetchAll(
        $0, sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
    }
    #expect(mode == "wal" && synchronous == 1)
    #expect(lax.filter { !$0.hasPrefix("sqlite_") }.isEmpty)
  }

  @Test("a file that is no database is refused and left alone")
  func notADatabase() throws {
    try expectRefusal(
      of: Data(repeating: 0x61, count: 5_000), .notADatabase(path: path))
  }

  @Test("a database of another program is refused and left alone")
  func foreign() throws {
    do {
      let other = try DatabaseQueue(path: path)
      try other.write { try $0.execute(sql: "CREATE TABLE song(id INTEGER)") }
    }
    try expectRefusal(of: try contents(), .notADatabase(path: path))
  }

  @Test("a damaged page is found when opening, and the file left alone")
  func corrupt() throws {
    do {
      let store = try Store(path: path)
      for number in 1...100 { try store.add(try SamplePeer(UInt8(number))) }
      try store.checkpoint()
    }
    var bytes = try contents()
    let page = 4096
    for index in (page..<bytes.count) where index % page < 64 { bytes[index] = 0xff }
    try expectRefusal(of: bytes, .corrupt(path: path))
  }

  @Test("a truncated database is refused and left alone")
  func truncated() throws {
    do {
      let store = try Store(path: path)
      for number in 1...100 { try store.add(try SamplePeer(UInt8(number))) }
      try store.checkpoint()
    }
    try expectRefusal(of: try contents().prefix(3 * 4096), .corrupt(path: path))
  }

  @Test("a database of a later release is refused and left alone")
  func newer() throws {
    do {
      let store = try Store(path: path)
      try store.write { try $0.execute(sql: "PRAGMA user_version = 99") }
      try store.checkpoint()
    }
    try expectRefusal(of: try contents(), .newerSchema(path: path, version: 99))
  }

  @Test("a path in no directory, and one that is a directory, cannot be written")
  func unwritable() throws {
    let nowhere = directory.path + "/none/ipv8.db"
    #expect(throws: StoreError.unwritable(path: nowhere)) { try Store(path: nowhere) }
    #expect(throws: StoreError.unwritable(path: directory.path)) {
      try Store(path: directory.path)
    }
  }

  @Test("while another process writes, a write is refused after a while and changes nothing")
  func busy() throws {
    let store = try Store(path: path)
    var configuration = GRDB.Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: path, configuration: configuration)
    try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    #expect(throws: StoreError.busy(path: path)) { try store.setSetting(.port, to: "1") }
    try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
    #expect(try store.setting(.port) == nil)
  }

  @Test("settings are kept, changed and removed")
  func settings() throws {
    let store = try Store(path: path)
    #expect(try store.setting(.port) == nil)
    try store.setSetting(.port, to: "41641")
    try store.setSetting(.port, to: "41642")
    #expect(try Store(path: path).setting(.port) == "41642")
    try store.setSetting(.port, to: nil)
    #expect(try store.setting(.port) == nil)
  }
}

extension Store {
  /// Moves all changes from the write-ahead log into the file itself.
  func checkpoint() throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
  }
}
