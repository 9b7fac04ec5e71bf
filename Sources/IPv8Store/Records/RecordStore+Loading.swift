import Dispatch
import Foundation
import GRDB
import IPv8Records
import IPv8Wire
import Synchronization

extension RecordStore {
  /// Hands all records that can be read to `body`, bindings first. Whether all was what had been
  /// stored; where not, ``mend()`` is due.
  @discardableResult
  public func load(_ body: (LoadedRecords) -> Void) throws(StoreError) -> Bool {
    var losses: TableWalk.Losses?
    do { try read { losses = try Loading($0).all(body) } } catch {
      // Where a page was damaged, the end of the transaction fails, too.
      if losses?.isEmpty ?? true { throw error }
    }
    let isWhole = losses?.isEmpty ?? false
    if !isWhole { condition.withLock { $0 = .damaged } }
    return isWhole
  }
}

extension RecordStore {
  /// No fewer than the peers of which there are records, nearly always; 0 where a damaged page hides it.
  public func peerBound() -> Int {
    // Room is made by it, nothing more: what is readable loads whatever comes of this.
    (try? read { try Int.fetchOne($0, sql: "SELECT MAX(id) FROM id_peer") ?? 0 }) ?? 0
  }

  /// As ``load(_:)``, but records are read and prepared by another thread while `body` works on those
  /// before, on this one.
  @discardableResult
  public func load<Batch: Sendable>(
    preparing prepare: @escaping @Sendable (LoadedRecords) -> Batch, _ body: (Batch) -> Void
  ) throws(StoreError) -> Bool {
    let pipe = BatchPipe<Batch>()
    // A thread of its own has the priority of this one.
    Thread.detachNewThread {
      pipe.close(
        Result { () throws(StoreError) in try self.load { pipe.put(prepare($0)) } })
    }
    while true {
      switch pipe.take() {
      case .batch(let batch): body(batch)
      case .end(let outcome): return try outcome.get()
      }
    }
  }
}

/// Batches on their way between two threads.
final class BatchPipe<Batch: Sendable>: Sendable {
  enum Item: Sendable {
    case batch(Batch)
    case end(Result<Bool, StoreError>)
  }

  /// Batches that wait at most.
  private static var limit: Int { 8 }

  private let items = Mutex<[Item]>([])
  private let room = DispatchSemaphore(value: limit)
  private let waiting = DispatchSemaphore(value: 0)

  func put(_ batch: Batch) {
    room.wait()
    items.withLock { $0.append(.batch(batch)) }
    waiting.signal()
  }

  func close(_ outcome: Result<Bool, StoreError>) {
    items.withLock { $0.append(.end(outcome)) }
    waiting.signal()
  }

  /// The next one, once it is there.
  func take() -> Item {
    waiting.wait()
    let item = items.withLock { $0.removeFirst() }
    room.signal()
    return item
  }
}

/// One pass over all tables of records.
struct Loading {
  /// Records handed over at a time.
  static let batch = 4_096

  private let database: Database
  private var losses = TableWalk.Losses()

  init(_ database: Database) { self.database = database }

  /// What could not be read.
  consuming func all(_ body: (LoadedRecords) throws -> Void) throws -> TableWalk.Losses {
    try bindings(body)
    try relations(body)
    try contradictions(body)
    return losses
  }

  private mutating func bindings(_ body: (LoadedRecords) throws -> Void) throws {
    // The left join reads both tables from front to back, and shows a row whose peer is missing.
    let walk = TableWalk(
      select: "SELECT \(BindingRow.columns), binding.id FROM binding LEFT JOIN id_peer USING(id)",
      key: "binding.id", keyColumn: BindingRow.columnCount)
    var batch: [SignedBinding] = []
    batch.reserveCapacity(Self.batch)
    try walk.rows(database, into: &losses) { row in
      guard let binding = try BindingRow.binding(row) else { return false }
      batch.append(binding)
      if batch.count == Self.batch {
        try body(.bindings(batch))
        batch.removeAll(keepingCapacity: true)
      }
      return true
    }
    if !batch.isEmpty { try body(.bindings(batch)) }
  }

  private mutating func relations(_ body: (LoadedRecords) throws -> Void) throws {
    let walk = TableWalk(
      select: "SELECT id_1, id_2, \(RelationRow.columns) FROM relation", key: "id_1", keyColumn: 0,
      isUnique: false)
    var peers: PeerNumbers?
    var batch: [SignedRelation] = []
    batch.reserveCapacity(Self.batch)
    try walk.rows(database, into: &losses) { row in
      let known = try peers ?? PeerNumbers(database)
      peers = known
      guard let signer = known[try row.decode(Int64.self, atIndex: 0)],
        let subject = known[try row.decode(Int64.self, atIndex: 1)],
        let relation = try RelationRow.relation(row, signer: signer, subject: subject, from: 2)
      else { return false }
      batch.append(relation)
      if batch.count == Self.batch {
        try body(.relations(batch))
        batch.removeAll(keepingCapacity: true)
      }
      return true
    }
    if !batch.isEmpty { try body(.relations(batch)) }
  }

  private mutating func contradictions(_ body: (LoadedRecords) throws -> Void) throws {
    let walk = TableWalk(
      select: "SELECT id_1, proof, sum FROM fraud", key: "id_1", keyColumn: 0,
      isUnique: false)
    var all: [Contradiction] = []
    try walk.rows(database, into: &losses) { row in
      let proof = try row.decode(Data.self, atIndex: 1)
      var sum = RowSum()
      sum.add(proof.bytes)
      guard sum.column == (try row.decode(Int64.self, atIndex: 2)),
        let contradiction = Contradiction(stored: [UInt8](proof))
      else { return false }
      all.append(contradiction)
      return true
    }
    if !all.isEmpty { try body(.contradictions(all)) }
  }
}

/// The PermIDs by their row numbers.
struct PeerNumbers {
  private var dense: [PermID?] = []
  private var sparse: [Int64: PermID] = [:]

  init(_ database: Database) throws {
    let walk = TableWalk(select: "SELECT id, perm_id FROM id_peer", key: "id", keyColumn: 0)
    var losses = TableWalk.Losses()
    try walk.rows(database, into: &losses) { row in
      let id = try row.decode(Int64.self, atIndex: 0)
      let bytes = try row.decode(Data.self, atIndex: 1)
      guard let permID = PermID([UInt8](bytes)) else { return false }
      // Numbers are given one after the other; a damaged page may hold any.
      if id >= dense.count, id - Int64(dense.count) <= 65_536 {
        while dense.count < id { dense.append(nil) }
        dense.append(permID)
      } else {
        sparse[id] = permID
      }
      return true
    }
  }

  subscript(id: Int64) -> PermID? {
    id >= 0 && id < dense.count ? dense[Int(id)] : sparse[id]
  }
}
