import IPv8Records
import IPv8Wire

/// Changes that wait to be written, one for each row, in the order in which the rows were first
/// changed.
struct WaitingChanges {
  private enum Row: Hashable {
    case binding(PermID)
    case relation(PermID, PermID, RelationType)
    case contradiction(PermID, PermID, RelationType, WallTime)

    init(_ change: RecordChange) {
      switch change {
      case .binding(let binding): self = .binding(binding.record.permID)
      case .removeBinding(let permID): self = .binding(permID)
      case .relation(let relation):
        let record = relation.record
        self = .relation(record.signer, record.subject, record.type)
      case .removeRelation(let signer, let subject, let type):
        self = .relation(signer, subject, type)
      case .contradiction(let proof):
        let record = proof.first.record
        self = .contradiction(record.signer, record.subject, record.type, record.timestamp)
      }
    }
  }

  private var places: [Row: Int] = [:]
  private var changes: [RecordChange] = []
  var refused: UInt64 = 0

  var count: Int { changes.count }

  /// Returns how many are refused because `limit` rows wait.
  mutating func add(_ added: [RecordChange], limit: Int) -> Int {
    var refused = 0
    for change in added {
      let row = Row(change)
      if let place = places[row] {
        if !change.isOlder(than: changes[place]) { changes[place] = change }
      } else if changes.count < limit {
        places[row] = changes.count
        changes.append(change)
      } else {
        refused += 1
      }
    }
    return refused
  }

  /// Takes the `limit` that wait longest.
  mutating func take(_ limit: Int) -> [RecordChange] {
    let batch = Array(changes.prefix(limit))
    keep(Array(changes.dropFirst(limit)))
    return batch
  }

  /// Puts back what could not be written, before all others; what was changed since counts.
  mutating func restore(_ batch: [RecordChange]) {
    let later = changes
    keep([])
    _ = add(batch + later, limit: .max)
  }

  private mutating func keep(_ rest: [RecordChange]) {
    places.removeAll(keepingCapacity: true)
    changes = []
    _ = add(rest, limit: .max)
  }
}

extension RecordChange {
  /// Whether another change of its row is of a later record.
  fileprivate func isOlder(than other: RecordChange) -> Bool {
    switch (self, other) {
    case (.binding(let a), .binding(let b)): a.record.timestamp < b.record.timestamp
    case (.relation(let a), .relation(let b)): a.record.timestamp < b.record.timestamp
    default: false
    }
  }
}
