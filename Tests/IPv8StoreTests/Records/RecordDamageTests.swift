import Foundation
import GRDB
import IPv8Records
import IPv8Wire
import Synchronization
import Testing

@testable import IPv8Store

@Suite struct RecordDamageTests {
  let directory: TemporaryDirectory
  let whole: Holdings

  private var file: String { directory.records }
  private static let page = 4_096

  /// A closed store with some hundred records.
  init() throws {
    directory = try TemporaryDirectory()
    let store = try directory.recordStore()
    let signers = (0..<400).map { Signer($0) }
    var changes: [RecordChange] = []
    for (place, signer) in signers.enumerated() {
      changes.append(.binding(signer.binding(hasIPv6: place % 3 == 0, name: "peer")))
      changes.append(.relation(signer.relation(to: signers[(place + 1) % 400])))
    }
    changes.append(.contradiction(try signers[0].contradiction(about: signers[7])))
    try store.apply(changes)
    whole = try Holdings(store)
    try store.checkpointAndClose()
  }

  private func read() throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
  }

  private func write(_ bytes: [UInt8]) throws {
    for companion in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: file + companion)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: file))
  }

  /// The first page of each table and index.
  private func pages(of table: String) throws -> [Int] {
    let database = try DatabaseQueue(path: file)
    return try database.read {
      try Int.fetchAll($0, sql: "SELECT pageno FROM dbstat WHERE name = ?", arguments: [table])
    }
  }

  @Test("a bit that flipped in a row is noticed, the row left out, and the file rebuilt without it")
  func flippedBit() throws {
    var bytes = try read()
    let wanted = Signer(5).binding(hasIPv6: false, name: "peer").signature
    let place = try #require(bytes.firstRange(of: wanted)?.lowerBound)
    bytes[place + 9] ^= 4
    try write(bytes)
    let store = try directory.recordStore()
    let left = try Holdings(store)
    #expect(!left.isWhole && left.isWithin(whole))
    #expect(left.bindings.count == 399 && left.relations == whole.relations)
    let repair = try #require(try store.mend())
    #expect(repair == RecordRepair(setAside: file + ".damaged", saved: 800))
    #expect(try Holdings(store).isWhole)
    #expect(try store.mend() == nil)
    #expect(FileManager.default.fileExists(atPath: repair.setAside))
    #expect(try store.apply([.binding(Signer(5).binding())]) == 1)
  }

  @Test("behind a damaged page of a table its other rows are read")
  func damagedPage() throws {
    let pages = try pages(of: "binding")
    #expect(pages.count > 8)
    var bytes = try read()
    let start = (pages[pages.count / 2] - 1) * Self.page
    for place in start..<start + Self.page { bytes[place] = 0xff }
    try write(bytes)
    let store = try directory.recordStore()
    let left = try Holdings(store)
    #expect(!left.isWhole && left.isWithin(whole) && left.bindings.count > 350)
    #expect(left.relations == whole.relations && left.contradictions == whole.contradictions)
    #expect(try store.mend()?.saved ?? 0 == left.bindings.count + 401)
    #expect(try Holdings(store).bindings == left.bindings && store.check())
  }

  @Test("where the last page of the peers is damaged no room is made for them, and others are read")
  func damagedPeers() throws {
    let pages = try pages(of: "id_peer")
    #expect(pages.count > 3)
    let intact = try directory.recordStore()
    #expect(intact.peerBound() == 400)
    try intact.checkpointAndClose()
    var bytes = try read()
    let start = (try #require(pages.last) - 1) * Self.page
    for place in start..<start + Self.page { bytes[place] = 0xff }
    try write(bytes)
    let store = try directory.recordStore()
    #expect(store.peerBound() == 0)
    let left = try Holdings(store)
    #expect(!left.isWhole && left.isWithin(whole) && left.bindings.count > 250)
  }

  @Test("a damaged index is found after an end by force, and nothing is lost")
  func damagedIndex() throws {
    let page = try #require(try pages(of: "binding_timestamp").last)
    let store = try directory.recordStore()
    try store.execute("UPDATE condition SET is_closed = 0")
    try store.pool.withLock { try $0.close() }
    var bytes = try read()
    let start = (page - 1) * Self.page
    for place in start..<start + 64 { bytes[place] = 0xff }
    try write(bytes)
    let again = try directory.recordStore()
    #expect(try Holdings(again) == whole)
    #expect(try again.mend()?.saved == 801)
    #expect(try again.check() && Holdings(again) == whole)
  }

  @Test("after an orderly end no page is looked at, after one by force all are, once")
  func condition() throws {
    do {
      let store = try directory.recordStore()
      #expect(store.condition.withLock { $0 } == .sound)
    }
    do {
      let store = try directory.recordStore()
      #expect(store.condition.withLock { $0 } == .unchecked)
      #expect(try store.mend() == nil)
      try store.close()
    }
    #expect(try directory.recordStore().condition.withLock { $0 } == .sound)
  }

  @Test(
    "a file that is no database, or another program's, is set aside", arguments: ["text", "sqlite"])
  func foreign(_ kind: String) throws {
    try write(
      Array("no database, but long enough to have a header of a hundred bytes".utf8)
        + [UInt8](repeating: 65, count: 99))
    if kind == "sqlite" {
      try FileManager.default.removeItem(atPath: file)
      try DatabaseQueue(path: file).write { try $0.execute(sql: "CREATE TABLE song(id)") }
    }
    let store = try directory.recordStore()
    #expect(store.repair == RecordRepair(setAside: file + ".damaged", saved: 0))
    #expect(try store.apply([.binding(Signer(1).binding())]) == 1)
    #expect(FileManager.default.fileExists(atPath: file + ".damaged"))
  }

  @Test("a batch that meets a damaged page is written once the file is built anew")
  func damageWhileWriting() throws {
    var bytes = try read()
    for page in try pages(of: "sqlite_autoindex_id_peer_1") {
      for place in (page - 1) * Self.page..<page * Self.page { bytes[place] = 0xff }
    }
    try write(bytes)
    let store = try directory.recordStore()
    let events = Mutex<[RecordWriter.Event]>([])
    let writer = RecordWriter(store) { event in events.withLock { $0.append(event) } }
    writer.submit([.binding(Signer(1_000).binding())])
    #expect(writer.flush())
    let repair = RecordRepair(setAside: file + ".damaged", saved: 801)
    #expect(events.withLock { $0 } == [.repaired(repair)])
    #expect(try Holdings(store).bindings.count == 401)
  }

  @Test("a file of a later release is refused and left alone")
  func newer() throws {
    let store = try directory.recordStore()
    try store.execute("PRAGMA user_version = 99")
    try store.checkpointAndClose()
    let bytes = try read()
    #expect(throws: StoreError.newerSchema(path: file, version: 99)) { try directory.recordStore() }
    #expect(try read() == bytes)
  }

  @Test("wherever bytes flip or the file ends, it opens, tells no false record, and mends")
  func anyDamage() throws {
    let good = try read()
    for seed in UInt64(0)..<20 {
      var random = SeededRandom(seed: seed)
      var bytes = good
      if seed % 10 == 9 {
        bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
      } else {
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          // The beginnings of pages, where their structure is, more often than not.
          let page = Int.random(in: 0..<bytes.count / Self.page, using: &random)
          let range = Bool.random(using: &random) ? 0..<120 : 0..<Self.page
          for _ in 0..<Int.random(in: 1...40, using: &random) {
            bytes[page * Self.page + Int.random(in: range, using: &random)] =
              UInt8.random(in: 0...255, using: &random)
          }
        }
      }
      try write(bytes)
      let store: RecordStore
      do { store = try directory.recordStore() } catch StoreError.newerSchema { continue }
      #expect(try Holdings(store).isWithin(whole), "seed \(seed)")
      _ = try store.mend()
      let mended = try Holdings(store)
      #expect(mended.isWhole && mended.isWithin(whole), "seed \(seed)")
      #expect(try store.apply([.binding(Signer(1_000).binding())]) == 1, "seed \(seed)")
      try store.close()
    }
  }

  @Test("a repair that a kill interrupts at its end is finished by the next start")
  func interruptedRepair() throws {
    let good = try read()
    try Data(good).write(to: URL(fileURLWithPath: file + ".repaired"))
    try write([UInt8](repeating: 1, count: 5_000))
    try Data([1]).write(to: URL(fileURLWithPath: file + "-wal"))
    let store = try directory.recordStore()
    #expect(try Holdings(store) == whole)
    let aside = try Data(contentsOf: URL(fileURLWithPath: file + ".damaged"))
    #expect(aside.count == 5_000)
    #expect(!FileManager.default.fileExists(atPath: file + ".repaired"))
  }
}
