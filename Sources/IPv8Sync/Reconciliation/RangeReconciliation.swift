import IPv8Wire

/// Range-based set reconciliation (docs/protocol/sync.md, Ranges): fingerprints of ranges of names;
/// those that differ are cut into smaller ones, and the smallest are listed. Neither side passes
/// over its table, and the answerer keeps nothing.
public struct RangeReconciliation: Reconciliation {
  public static let method: UInt8 = 2
  public static let isMutual = true
  /// Ranges that one is cut into.
  static let parts = 16
  /// With at most so many own entries, the peer's are asked for.
  static let leaf = 16
  /// Ranges asked for again at once.
  private static let retryLimit = 256

  private let salt: SyncSalt
  private let whole: NameRange
  /// What is not known to be equal or listed yet: ascending and disjoint.
  private var open: [NameRange]
  private var found = Differences()

  /// - Parameter floor: the first coarse time that counts.
  public init(salt: SyncSalt, floor: UInt32 = 0) {
    self.salt = salt
    whole = NameRange(lower: RecordName.first(of: floor).value, upper: nil)
    open = [whole]
  }

  public var differences: Differences? { open.isEmpty ? found : nil }

  public mutating func start(_ table: RecordTable) -> [UInt8] {
    RangeMessage.messages([question(whole, table)]).first ?? []
  }

  public mutating func learn(_ peer: SetSummary) {}

  public mutating func retry(_ table: RecordTable) -> [[UInt8]] {
    RangeMessage.messages(open.prefix(Self.retryLimit).map { question($0, table) })
  }

  public mutating func receive(
    _ answer: [UInt8], _ table: RecordTable
  ) throws(SyncFault) -> [[UInt8]] {
    guard let items = RangeMessage.parse(answer) else { throw .malformed }
    guard let first = items.first else { return [] }
    guard items.allSatisfy({ $0.range.lower >= whole.lower }) else { throw .unasked }
    let start = open.firstIndex(endingAbove: first.range.lower)
    var next = start
    var rest = next < open.count ? open[next] : nil
    var kept: [NameRange] = []
    var questions: [RangeItem] = []
    for item in items {
      while let range = rest, range.end <= UInt128(item.range.lower) {
        kept.append(range)
        next += 1
        rest = next < open.count ? open[next] : nil
      }
      // What is not open any more was answered before.
      guard let range = rest, range.lower <= item.range.lower, item.range.end <= range.end else {
        continue
      }
      if range.lower < item.range.lower {
        kept.append(NameRange(lower: range.lower, upper: item.range.lower))
      }
      let following = try examine(item, table)
      questions += following
      kept += following.map(\.range)
      if let upper = item.range.upper, item.range.end < range.end {
        rest = NameRange(lower: upper, upper: range.upper)
      } else {
        next += 1
        rest = next < open.count ? open[next] : nil
      }
    }
    if let range = rest {
      kept.append(range)
      next += 1
    }
    open.replaceSubrange(start..<next, with: kept)
    guard open.count <= SyncLimits.rangeLimit else { throw .tooMany }
    return RangeMessage.messages(questions)
  }

  /// What is still to be asked about the range.
  private mutating func examine(
    _ item: RangeItem, _ table: RecordTable
  ) throws(SyncFault) -> [RangeItem] {
    switch item.content {
    case .same: return []
    case .list: throw .malformed
    case .elements(let elements):
      let theirs = Set(elements)
      var mine: Set<SyncElement> = []
      table.visit(item.range) { entry in
        mine.insert(table.element(of: entry, salt: salt))
        return true
      }
      found.lacking += elements.filter { !mine.contains($0) }
      found.extra += mine.filter { !theirs.contains($0) }
      return []
    case .fingerprint(let theirs):
      let sum = table.sum(item.range)
      guard salt.fingerprint(sum) != theirs else { return [] }
      guard sum.count > Self.leaf, !item.range.isSingle else {
        return [RangeItem(range: item.range, content: .list)]
      }
      return table.fingerprints(item.range, count: sum.count, parts: Self.parts, salt: salt)
    }
  }

  private func question(_ range: NameRange, _ table: RecordTable) -> RangeItem {
    let sum = table.sum(range)
    guard sum.count > Self.leaf, !range.isSingle else {
      return RangeItem(range: range, content: .list)
    }
    return RangeItem(range: range, content: .fingerprint(salt.fingerprint(sum)))
  }
}

/// Answers about ranges out of the table as it is.
struct RangeAnswer: ReconciliationAnswer {
  let salt: SyncSalt
  let floor: UInt64

  mutating func answer(_ request: [UInt8], _ table: RecordTable) throws(SyncFault) -> [[UInt8]] {
    guard let items = RangeMessage.parse(request) else { throw .malformed }
    var answers: [RangeItem] = []
    for item in items {
      guard item.range.lower >= floor else { throw .unasked }
      let sum = table.sum(item.range)
      switch item.content {
      case .fingerprint(let theirs):
        if salt.fingerprint(sum) == theirs {
          answers.append(RangeItem(range: item.range, content: .same))
        } else if sum.count <= RangeReconciliation.leaf * 3 / 2 || item.range.isSingle {
          answers.append(list(item.range, table))
        } else {
          answers += table.fingerprints(
            item.range, count: sum.count, parts: RangeReconciliation.parts, salt: salt)
        }
      case .list:
        if sum.count <= RangeMessage.listLimit || item.range.isSingle {
          answers.append(list(item.range, table))
        } else {
          let parts = min(RangeReconciliation.parts, sum.count / 48 + 1)
          answers += table.fingerprints(item.range, count: sum.count, parts: parts, salt: salt)
        }
      case .elements, .same: throw .malformed
      }
    }
    return RangeMessage.messages(answers)
  }

  /// The elements of the range; of one name at most ``RangeMessage/listLimit`` are told.
  private func list(_ range: NameRange, _ table: RecordTable) -> RangeItem {
    var elements: [SyncElement] = []
    table.visit(range) { entry in
      elements.append(table.element(of: entry, salt: salt))
      return elements.count < RangeMessage.listLimit
    }
    return RangeItem(range: range, content: .elements(elements))
  }
}

extension RecordTable {
  fileprivate func fingerprints(
    _ range: NameRange, count: Int, parts: Int, salt: SyncSalt
  ) -> [RangeItem] {
    let ranges = split(range, count: count, parts: parts)
    // Where all entries have one name there is nothing to cut but before and behind it.
    guard ranges.count > 1 || count == 0 else { return isolate(range, salt: salt) }
    return ranges.map { RangeItem(range: $0, content: .fingerprint(salt.fingerprint(sum($0)))) }
  }

  private func isolate(_ range: NameRange, salt: SyncSalt) -> [RangeItem] {
    var name = range.lower
    visit(range) { entry in
      name = entry.name.value
      return false
    }
    let only = NameRange(only: name)
    var parts = [only]
    if range.lower < only.lower { parts.insert(NameRange(lower: range.lower, upper: name), at: 0) }
    if let upper = only.upper, only.end < range.end {
      parts.append(NameRange(lower: upper, upper: range.upper))
    }
    return parts.map { RangeItem(range: $0, content: .fingerprint(salt.fingerprint(sum($0)))) }
  }
}

extension NameRange {
  var end: UInt128 { upper.map { UInt128($0) } ?? 1 << 64 }
}

extension [NameRange] {
  /// Of ascending ranges the first that has names from `name` on.
  fileprivate func firstIndex(endingAbove name: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].end <= UInt128(name) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
