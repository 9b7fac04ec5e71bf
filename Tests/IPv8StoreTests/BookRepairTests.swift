import Foundation
import GRDB
import IPv8Crypto
import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct BookRepairTests {
  let directory: TemporaryDirectory
  private let contacts: [StoredContact]
  private static let page = 4_096
  private var path: String { directory.database }

  /// A closed address book with a hundred contacts, a setting, and what its owner signed.
  init() throws {
    directory = try TemporaryDirectory()
    let (store, repair) = try Store.repairing(directory.database)
    #expect(repair == nil)
    for number in 0..<100 {
      let peer = Signer(number)
      try store.addContact(
        peer.permID, address: peer.address, name: "peer \(number)",
        endpoints: [try #require(ToldAddress(text: "192.0.2.1:\(number + 1)"))], keepOpen: true,
        now: WallTime(milliseconds: 5))
    }
    try store.setSetting(.port, to: "41641")
    try store.putOwnRelations([Signer(0).relation(to: Signer(1))])
    contacts = try store.contacts()
    try store.checkpoint()
    try store.queue.close()
  }

  private func read() throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func write(_ bytes: [UInt8]) throws {
    for companion in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: path + companion)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  private func removeCopy() throws { try FileManager.default.removeItem(atPath: path + ".copy") }

  private func pages(of table: String) throws -> [Int] {
    try DatabaseQueue(path: path).read {
      try Int.fetchAll($0, sql: "SELECT pageno FROM dbstat WHERE name = ?", arguments: [table])
    }
  }

  /// Makes nonsense of whole pages, and opens what is left.
  private func repair(damaging pages: [Int]) throws -> (Store, StoreRepair?) {
    var bytes = try read()
    for page in pages {
      for place in (page - 1) * Self.page..<page * Self.page { bytes[place] = 0xff }
    }
    try write(bytes)
    return try Store.repairing(path)
  }

  @Test(
    "where a page without contacts is damaged all contacts and settings are saved without a copy")
  func contactsSaved() throws {
    try removeCopy()
    let pages = try pages(of: "binding_timestamp") + (try pages(of: "network"))
    let (store, repair) = try repair(damaging: pages)
    #expect(repair == StoreRepair(setAside: path + ".damaged", usedCopy: false))
    #expect(try store.contacts() == contacts && store.setting(.port) == "41641")
    #expect(try store.ownRelations(of: Signer(0).permID).count == 1)
    #expect(FileManager.default.fileExists(atPath: path + ".damaged"))
  }

  @Test("of a table of contacts with a damaged page the rows of the others are saved")
  func partlySaved() throws {
    try removeCopy()
    let pages = try pages(of: "id_peer")
    #expect(pages.count > 2)
    let (store, repair) = try repair(damaging: [pages[pages.count - 1]])
    #expect(repair != nil)
    let left = try store.contacts()
    #expect(left.count >= 30 && left.count < 100 && left.allSatisfy { contacts.contains($0) })
  }

  /// The copy is of the time when the store was opened first: before there were contacts.
  private func copyNow() throws {
    try removeCopy()
    try Store.repairing(path).store.queue.close()
  }

  @Test("what is lost of the file comes from the copy")
  func fromCopy() throws {
    try copyNow()
    let attributes = try FileManager.default.attributesOfItem(atPath: path + ".copy")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    let last = try read().count / Self.page
    let (store, repair) = try repair(damaging: Array(1...last))
    #expect(repair?.usedCopy == true)
    #expect(try store.contacts() == contacts && store.setting(.port) == "41641")
  }

  @Test("a file without a copy that is no database is refused and left alone")
  func foreign() throws {
    try removeCopy()
    let bytes = [UInt8](repeating: 0x61, count: 5_000)
    try write(bytes)
    #expect(throws: StoreError.notADatabase(path: path)) { try Store.repairing(path) }
    #expect(try read() == bytes)
  }

  @Test("a change is not undone by a copy of before it where the file is sound")
  func soundFile() throws {
    try copyNow()
    do {
      let (store, repair) = try Store.repairing(path)
      #expect(repair == nil)
      try store.removeContact(contacts[0].permID)
    }
    #expect(try Store.repairing(path).store.contacts().count == 99)
  }

  @Test("wherever bytes flip or the file ends, it opens and has the contacts that are left")
  func anyDamage() throws {
    try copyNow()
    let good = try read()
    let copy = try Data(contentsOf: URL(fileURLWithPath: path + ".copy"))
    for seed in UInt64(0)..<20 {
      var random = SeededRandom(seed: seed)
      var bytes = good
      if seed % 10 == 9 {
        bytes = Array(bytes.prefix(Int.random(in: 1..<bytes.count, using: &random)))
      } else {
        let page = Int.random(in: 0..<bytes.count / Self.page, using: &random)
        let range = Bool.random(using: &random) ? 0..<120 : 0..<Self.page
        for _ in 0..<Int.random(in: 1...40, using: &random) {
          bytes[page * Self.page + Int.random(in: range, using: &random)] =
            UInt8.random(in: 0...255, using: &random)
        }
      }
      try write(bytes)
      try copy.write(to: URL(fileURLWithPath: path + ".copy"))
      let store: Store
      do { store = try Store.repairing(path).store } catch {
        guard case .newerSchema = error else { throw error }; continue
      }
      // A flip in a name is one that SQLite does not see.
      _ = try? store.contacts()
      try store.setSetting(.port, to: "7")
      #expect(try store.setting(.port) == "7", "seed \(seed)")
      try store.queue.close()
    }
  }
}
