import GRDB
import Glibc
import IPv8Records
import IPv8Wire
import Synchronization
import Testing

@testable import IPv8Store

@Suite struct RecordWriterTests {
  let directory: TemporaryDirectory
  let store: RecordStore
  let alice = Signer(1)
  let bob = Signer(2)

  init() throws {
    directory = try TemporaryDirectory()
    store = try directory.recordStore()
  }

  @Test("after a flush all that was submitted is there")
  func flush() throws {
    let writer = RecordWriter(store)
    for number in 0..<100 { writer.submit([.binding(Signer(number).binding())]) }
    #expect(writer.flush())
    #expect(try store.summary().bindings.count == 100 && writer.backlog == 0)
  }

  @Test("what was submitted is written without being asked for")
  func byItself() throws {
    let writer = RecordWriter(store)
    writer.submit([.binding(alice.binding())])
    while writer.backlog > 0 { sched_yield() }
    #expect(writer.flush())
    #expect(try store.binding(of: alice.permID) != nil)
  }

  @Test("of changes of one row that wait the later record counts, a removal included")
  func coalesced() throws {
    var waiting = WaitingChanges()
    let newer = alice.binding(at: 9)
    _ = waiting.add([.binding(newer), .binding(alice.binding(at: 8))], limit: 10)
    _ = waiting.add([.relation(alice.relation(to: bob))], limit: 10)
    _ = waiting.add([.removeRelation(alice.permID, bob.permID, .friend)], limit: 10)
    #expect(waiting.count == 2)
    let batch = waiting.take(10)
    #expect(batch == [.binding(newer), .removeRelation(alice.permID, bob.permID, .friend)])
    #expect(waiting.count == 0)
  }

  @Test("beyond the limit of rows new ones are refused, and changes of waiting ones are not")
  func bounded() throws {
    var waiting = WaitingChanges()
    let changes = (0..<5).map { RecordChange.binding(Signer($0).binding()) }
    #expect(waiting.add(changes, limit: 3) == 2)
    #expect(waiting.add([.binding(Signer(0).binding(at: 1))], limit: 3) == 0)
    #expect(waiting.take(2) == [.binding(Signer(0).binding(at: 1)), changes[1]])
    #expect(waiting.add(changes, limit: 3) == 2)
  }

  @Test("a batch that failed waits before all others, and what was changed since counts")
  func restored() throws {
    var waiting = WaitingChanges()
    _ = waiting.add([.binding(alice.binding(at: 1)), .binding(bob.binding(at: 1))], limit: 9)
    let batch = waiting.take(9)
    _ = waiting.add([.binding(bob.binding(at: 2))], limit: 9)
    waiting.restore(batch)
    #expect(waiting.take(9) == [.binding(alice.binding(at: 1)), .binding(bob.binding(at: 2))])
  }

  @Test("what cannot be written now is reported, and written later")
  func trouble() throws {
    let events = Mutex<[RecordWriter.Event]>([])
    let writer = RecordWriter(store) { event in events.withLock { $0.append(event) } }
    var configuration = GRDB.Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: directory.records, configuration: configuration)
    try other.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    writer.submit([.binding(alice.binding())])
    #expect(!writer.flush())
    #expect(events.withLock { $0 }.contains(.failed(.busy(path: directory.records))))
    try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
    #expect(writer.flush())
    #expect(try store.binding(of: alice.permID) != nil)
  }

  @Test("relations that this machine signed are in the address book too")
  func own() throws {
    let book = try Store(path: directory.database)
    let writer = RecordWriter(store, own: OwnRecords(of: alice.permID, in: book))
    let mine = alice.relation(to: bob, at: 2)
    writer.submit([.relation(mine), .relation(bob.relation(to: alice))])
    writer.flush()
    writer.submit([.relation(alice.relation(to: bob, strength: 1, at: 1))])
    writer.flush()
    #expect(try book.ownRelations(of: alice.permID) == [mine])
    #expect(try book.ownRelations(of: bob.permID).isEmpty)
  }

  @Test("relation types are registered under one name, in any order, and kept")
  func types() throws {
    do {
      let book = try Store(path: directory.database)
      try book.registerRelationType(RelationType(rawValue: 9), name: "lent me a book")
      try book.registerRelationType(RelationType(rawValue: 9), name: "lent me a book")
      #expect(throws: StoreError.relationType(.numberTaken)) {
        try book.registerRelationType(RelationType(rawValue: 9), name: "other")
      }
      #expect(throws: StoreError.relationType(.nameTaken)) {
        try book.registerRelationType(RelationType(rawValue: 10), name: "lent me a book")
      }
      #expect(throws: StoreError.relationType(.numberTaken)) {
        try book.registerRelationType(.friend, name: "friend")
      }
    }
    let types = try Store(path: directory.database).relationTypes()
    #expect(types[RelationType(rawValue: 9)] == "lent me a book")
    #expect(types[.traffic] == "Peer Traffic Exchange")
    #expect(types[RelationType(rawValue: 10)] == nil)
  }
}
