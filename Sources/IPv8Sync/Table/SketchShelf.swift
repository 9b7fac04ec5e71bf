/// The sketches of a table: one for each salt and beginning, of a bounded number of peers.
struct SketchShelf: Sendable {
  /// Sketches kept; the one that was used longest ago goes first.
  static let limit = 32
  /// Of one salt: the full one and a hot one, so that a peer takes no room of others.
  static let saltLimit = 2
  /// Elements that a peer has and this host does not want, for each sketch; the oldest go first.
  static let declinedLimit = 65_536

  struct Shelved: Sendable {
    var sketch: Sketch
    /// The first name that counts.
    let floor: UInt64
    /// The last entry that is in it, while it is made; nil when all are.
    var covered: TableEntry?
    var isComplete = false
    /// Elements in the sketch although the table lacks them, so that they cancel out.
    var declined: [SyncElement: UInt64] = [:]
    var lastUse: UInt64

    func counts(_ entry: TableEntry) -> Bool {
      guard entry.name.value >= floor else { return false }
      guard !isComplete else { return true }
      return covered.map { !$0.precedes(entry) } ?? false
    }
  }

  private(set) var shelved: [Shelved] = []
  private var uses: UInt64 = 0
  /// How often what is declined changed.
  private(set) var changes: UInt64 = 0

  mutating func removeAll() {
    shelved.removeAll()
    changes += 1
  }

  func index(salt: SyncSalt, floor: UInt64) -> Int? {
    shelved.firstIndex { $0.sketch.salt == salt && $0.floor == floor }
  }

  mutating func open(salt: SyncSalt, floor: UInt64, symbolCount: Int) -> Int {
    uses += 1
    if let index = index(salt: salt, floor: floor) {
      shelved[index].lastUse = uses
      return index
    }
    let ofSalt = shelved.indices.filter { shelved[$0].sketch.salt == salt }
    if ofSalt.count >= Self.saltLimit {
      removeOldest(of: ofSalt.filter { shelved[$0].floor != 0 })
    } else if shelved.count >= Self.limit {
      removeOldest(of: Array(shelved.indices))
    }
    shelved.append(
      Shelved(sketch: Sketch(salt: salt, symbolCount: symbolCount), floor: floor, lastUse: uses))
    return shelved.count - 1
  }

  private mutating func removeOldest(of indices: [Int]) {
    guard let oldest = indices.min(by: { shelved[$0].lastUse < shelved[$1].lastUse }) else {
      return
    }
    shelved.remove(at: oldest)
    changes += 1
  }

  mutating func close(salt: SyncSalt) {
    shelved.removeAll { $0.sketch.salt == salt }
    changes += 1
  }

  mutating func insert(_ entry: TableEntry, signer: SignerKey) {
    for index in shelved.indices where shelved[index].counts(entry) {
      let element = SyncElement(tag: shelved[index].sketch.salt.tag(signer), name: entry.name)
      // What was declined is in the sketch already.
      guard shelved[index].declined.removeValue(forKey: element) == nil else { continue }
      shelved[index].sketch.insert(element)
    }
  }

  mutating func remove(_ entry: TableEntry, signer: SignerKey) {
    for index in shelved.indices where shelved[index].counts(entry) {
      shelved[index].sketch.remove(
        SyncElement(tag: shelved[index].sketch.salt.tag(signer), name: entry.name))
    }
  }

  /// Adds entries in order; of those behind `covered`.
  mutating func extend(_ index: Int, by elements: [SyncElement], to last: TableEntry?) {
    for element in elements {
      guard shelved[index].declined.removeValue(forKey: element) == nil else { continue }
      shelved[index].sketch.insert(element)
    }
    if let last { shelved[index].covered = last }
  }

  mutating func complete(_ index: Int) {
    shelved[index].isComplete = true
    shelved[index].covered = nil
  }

  mutating func decline(_ index: Int, _ elements: [SyncElement], at seconds: UInt64) {
    for element in elements where shelved[index].declined[element] == nil {
      shelved[index].declined[element] = seconds
      changes += 1
      shelved[index].sketch.insert(element)
    }
    let excess = shelved[index].declined.count - Self.declinedLimit
    guard excess > 0 else { return }
    let oldest = shelved[index].declined.sorted { $0.value < $1.value }.prefix(excess)
    for (element, _) in oldest { forget(index, element) }
  }

  mutating func forget(_ index: Int, _ element: SyncElement) {
    guard shelved[index].declined.removeValue(forKey: element) != nil else { return }
    changes += 1
    shelved[index].sketch.remove(element)
  }

  mutating func forget(where isOver: (SyncElement, UInt64, SyncSalt) -> Bool) {
    for index in shelved.indices {
      let salt = shelved[index].sketch.salt
      for (element, since) in shelved[index].declined where isOver(element, since, salt) {
        forget(index, element)
      }
    }
  }
}
