import IPv8Crypto
import IPv8Records
import IPv8Wire
import Synchronization

/// Answers of look-ups, the last asked ones: a record, or that there is none.
///
/// Two generations: what is asked moves to the young one; when that is full the old one goes and
/// the young becomes old.
final class RecordCache: Sendable {
  enum Key: Hashable {
    case permID(PermID)
    case address(OverlayAddress)
  }

  private struct Generations {
    var young: [Key: SignedBinding?] = [:]
    var old: [Key: SignedBinding?] = [:]
    /// Grows with each change, so that what was read before it is not kept after it.
    var version: UInt64 = 0
  }

  private let generations = Mutex(Generations())
  private let half: Int

  init(capacity: Int) { half = max(capacity / 2, 1) }

  /// What is kept of `key`; nil where nothing is. The version goes with what is read instead.
  func look(up key: Key) -> (answer: SignedBinding??, version: UInt64) {
    generations.withLock { all in
      if let answer = all.young[key] { return (answer, all.version) }
      guard let answer = all.old[key] else { return (nil, all.version) }
      insert(answer, under: key, &all)
      return (answer, all.version)
    }
  }

  /// Keeps what was read at `version`, unless something changed since.
  func keep(_ answer: SignedBinding?, under key: Key, readAt version: UInt64) {
    generations.withLock { all in
      if all.version == version { insert(answer, under: key, &all) }
    }
  }

  func forget(_ changes: [RecordChange]) {
    generations.withLock { all in
      all.version += 1
      for change in changes {
        switch change {
        case .binding(let binding): forget(binding.record.permID, &all)
        case .removeBinding(let permID): forget(permID, &all)
        case .relation, .contradiction, .removeRelation: break
        }
      }
    }
  }

  func forgetAll() {
    generations.withLock { $0 = Generations(version: $0.version + 1) }
  }

  private func forget(_ permID: PermID, _ all: inout Generations) {
    for key in [Key.permID(permID), .address(OverlayAddress(of: permID))] {
      all.young[key] = nil
      all.old[key] = nil
    }
  }

  private func insert(_ answer: SignedBinding?, under key: Key, _ all: inout Generations) {
    if all.young.count >= half {
      all.old = all.young
      all.young = [:]
    }
    all.young.updateValue(answer, forKey: key)
  }
}
