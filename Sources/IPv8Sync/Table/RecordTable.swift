import IPv8Wire

/// A record's place in a table: 32 bytes.
struct TableEntry: Sendable {
  let name: RecordName
  let id: RecordID
  let signer: UInt32

  /// In the table's order; of equal names the lower id comes first.
  func precedes(_ other: TableEntry) -> Bool {
    if name != other.name { return name < other.name }
    if id.high != other.id.high { return id.high < other.id.high }
    return id.low < other.id.low
  }
}

/// The sum of record ids modulo 2^128, and how many they are.
struct RecordSum: Equatable, Sendable {
  var ids: UInt128 = 0
  var count = 0

  mutating func add(_ id: RecordID) {
    ids &+= UInt128(id.high) << 64 | UInt128(id.low)
    count += 1
  }

  mutating func subtract(_ id: RecordID) {
    ids &-= UInt128(id.high) << 64 | UInt128(id.low)
    count -= 1
  }

  mutating func add(_ other: RecordSum) {
    ids &+= other.ids
    count += other.count
  }
}

/// The summaries of all records of one scope in the order of their names, with sums for ranges of
/// them and the sketches of peers; all kept up by each insertion and removal.
public struct RecordTable: Sendable {
  /// Entries of a leaf before it is cut in two.
  static let leafLimit = 512
  /// Leaf entries where many records are put in at once.
  private static let leafFill = 384

  struct Leaf: Sendable {
    var entries: [TableEntry]
    var sum = RecordSum()

    init(_ entries: [TableEntry]) {
      self.entries = entries
      for entry in entries { sum.add(entry.id) }
    }
  }

  struct Position: Equatable {
    var leaf: Int
    var offset: Int
  }

  var leaves: [Leaf] = []
  /// The first name of each leaf.
  var firsts: [UInt64] = []
  private(set) public var count = 0
  private var recordChanges: UInt64 = 0
  var signers: SignerTable
  var sketches = SketchShelf()

  /// How often the records changed, or what counts although it is only declined.
  public var changes: UInt64 { recordChanges &+ sketches.changes }

  /// - Parameter seed: of the order in which signers lie in memory; not guessable.
  public init(seed: UInt64) { signers = SignerTable(seed: seed) }

  /// Puts in many at once; the table has to be empty.
  public mutating func fill(_ records: [RecordSummary]) {
    precondition(count == 0, "an empty table is filled")
    var entries: [TableEntry] = []
    entries.reserveCapacity(records.count)
    for record in records {
      let signer = signers.use(SignerKey(record.signer))
      entries.append(TableEntry(name: record.name, id: record.id, signer: signer))
    }
    entries.sort { $0.precedes($1) }
    var start = 0
    while start < entries.count {
      let end = min(start + Self.leafFill, entries.count)
      leaves.append(Leaf(Array(entries[start..<end])))
      firsts.append(entries[start].name.value)
      start = end
    }
    count = entries.count
    recordChanges += 1
    sketches.removeAll()
  }

  /// False where the table has a record of that signer and name already: nobody but the signer can
  /// bring two such about, and nobody else misses anything.
  @discardableResult
  public mutating func insert(_ record: RecordSummary) -> Bool {
    let key = SignerKey(record.signer)
    if let signer = signers.number(of: key), has(record.name, of: signer) { return false }
    let entry = TableEntry(name: record.name, id: record.id, signer: signers.use(key))
    let place = position(before: entry)
    if leaves.isEmpty {
      leaves.append(Leaf([entry]))
      firsts.append(entry.name.value)
    } else {
      leaves[place.leaf].entries.insert(entry, at: place.offset)
      leaves[place.leaf].sum.add(entry.id)
      if place.offset == 0 { firsts[place.leaf] = entry.name.value }
      if leaves[place.leaf].entries.count > Self.leafLimit { cut(place.leaf) }
    }
    count += 1
    recordChanges += 1
    sketches.insert(entry, signer: key)
    return true
  }

  /// False where the table has no such record.
  @discardableResult
  public mutating func remove(_ record: RecordSummary) -> Bool {
    let key = SignerKey(record.signer)
    guard let signer = signers.number(of: key) else { return false }
    let entry = TableEntry(name: record.name, id: record.id, signer: signer)
    let place = position(before: entry)
    guard place.leaf < leaves.count, place.offset < leaves[place.leaf].entries.count,
      leaves[place.leaf].entries[place.offset].id == record.id,
      leaves[place.leaf].entries[place.offset].signer == signer
    else { return false }
    leaves[place.leaf].entries.remove(at: place.offset)
    leaves[place.leaf].sum.subtract(record.id)
    if let first = leaves[place.leaf].entries.first {
      firsts[place.leaf] = first.name.value
    } else {
      leaves.remove(at: place.leaf)
      firsts.remove(at: place.leaf)
    }
    signers.release(signer)
    count -= 1
    recordChanges += 1
    sketches.remove(entry, signer: key)
    return true
  }

  private mutating func cut(_ index: Int) {
    let entries = leaves[index].entries
    let middle = entries.count / 2
    leaves[index] = Leaf(Array(entries[..<middle]))
    leaves.insert(Leaf(Array(entries[middle...])), at: index + 1)
    firsts.insert(entries[middle].name.value, at: index + 1)
  }

  private func has(_ name: RecordName, of signer: UInt32) -> Bool {
    entries(named: name).contains { $0.signer == signer }
  }

  /// Where `entry` is or would go: an offset within a leaf, or behind its last.
  private func position(before entry: TableEntry) -> Position {
    var low = 0
    var high = leaves.count
    // The last leaf whose first entry does not come after the entry.
    while low < high {
      let middle = (low + high) / 2
      if entry.precedes(leaves[middle].entries[0]) { high = middle } else { low = middle + 1 }
    }
    let leaf = max(0, low - 1)
    guard leaf < leaves.count else { return Position(leaf: 0, offset: 0) }
    let entries = leaves[leaf].entries
    low = 0
    high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].precedes(entry) { low = middle + 1 } else { high = middle }
    }
    return Position(leaf: leaf, offset: low)
  }
}
