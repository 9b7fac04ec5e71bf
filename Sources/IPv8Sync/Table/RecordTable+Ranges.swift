import IPv8Wire

extension RecordTable {
  /// The first entry whose name is not below `name`; the end where there is none.
  func position(of name: UInt64) -> Position {
    var low = 0
    var high = firsts.count
    while low < high {
      let middle = (low + high) / 2
      if firsts[middle] < name { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return Position(leaf: 0, offset: 0) }
    let leaf = low - 1
    let entries = leaves[leaf].entries
    low = 0
    high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].name.value < name { low = middle + 1 } else { high = middle }
    }
    return low == entries.count
      ? Position(leaf: leaf + 1, offset: 0) : Position(leaf: leaf, offset: low)
  }

  /// Behind the range's last entry.
  private func end(of range: NameRange) -> Position {
    guard let upper = range.upper else { return Position(leaf: leaves.count, offset: 0) }
    return position(of: upper)
  }

  /// Visits the entries of a range in order until `body` says false.
  func visit(_ range: NameRange, _ body: (TableEntry) -> Bool) {
    var place = position(of: range.lower)
    while place.leaf < leaves.count {
      let entries = leaves[place.leaf].entries
      while place.offset < entries.count {
        let entry = entries[place.offset]
        guard range.contains(entry.name.value), body(entry) else { return }
        place.offset += 1
      }
      place = Position(leaf: place.leaf + 1, offset: 0)
    }
  }

  /// Whole leaves count by their sums.
  func sum(_ range: NameRange) -> RecordSum {
    let start = position(of: range.lower)
    let end = end(of: range)
    var sum = RecordSum()
    var leaf = start.leaf
    while leaf < leaves.count && leaf <= end.leaf {
      let from = leaf == start.leaf ? start.offset : 0
      let to = leaf == end.leaf ? end.offset : leaves[leaf].entries.count
      if from == 0 && to == leaves[leaf].entries.count {
        sum.add(leaves[leaf].sum)
      } else if from < to {
        for offset in from..<to { sum.add(leaves[leaf].entries[offset].id) }
      }
      leaf += 1
    }
    return sum
  }

  /// Cuts a range with `count` entries into at most `parts` of as many entries each.
  func split(_ range: NameRange, count: Int, parts: Int) -> [NameRange] {
    var place = position(of: range.lower)
    var ranges: [NameRange] = []
    var lower = range.lower
    var passed = 0
    for part in 1..<parts {
      var ahead = count * part / parts - passed
      guard ahead > 0 else { continue }
      passed += ahead
      while place.leaf < leaves.count, ahead >= leaves[place.leaf].entries.count - place.offset {
        ahead -= leaves[place.leaf].entries.count - place.offset
        place = Position(leaf: place.leaf + 1, offset: 0)
      }
      place.offset += ahead
      guard place.leaf < leaves.count, let before = name(before: place) else { break }
      let name = leaves[place.leaf].entries[place.offset].name.value
      let bound = NameRange.shortestBound(above: before, upTo: name)
      guard before < name, range.contains(bound), bound > lower else { continue }
      ranges.append(NameRange(lower: lower, upper: bound))
      lower = bound
    }
    ranges.append(NameRange(lower: lower, upper: range.upper))
    return ranges
  }

  private func name(before place: Position) -> UInt64? {
    if place.offset > 0 { return leaves[place.leaf].entries[place.offset - 1].name.value }
    return place.leaf > 0 ? leaves[place.leaf - 1].entries.last?.name.value : nil
  }

  /// Entries of one name, of at most four signers.
  func entries(named name: RecordName) -> [TableEntry] {
    var found: [TableEntry] = []
    visit(NameRange(only: name.value)) { entry in
      found.append(entry)
      return found.count < 4
    }
    return found
  }

  func element(of entry: TableEntry, salt: SyncSalt) -> SyncElement {
    SyncElement(tag: salt.tag(signers.keys[Int(entry.signer)]), name: entry.name)
  }

  /// The record that `element` stands for, where the table has it.
  func entry(of element: SyncElement, salt: SyncSalt) -> TableEntry? {
    entries(named: element.name).first { self.element(of: $0, salt: salt) == element }
  }
}
