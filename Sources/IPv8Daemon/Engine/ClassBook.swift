import IPv8DataPlane
import IPv8Wire

/// Which classes were declared, of flows and of peers, each until its time is over
/// (docs/protocol/queue.md).
struct ClassBook: Sendable {
  /// What is declared at a time; more is refused.
  static let limit = 256

  struct Subject: Hashable, Sendable {
    let peer: PermID
    /// Nil for what to the peer nothing else is said of.
    let flow: DeclaredFlow?
  }

  struct Entry: Equatable, Sendable {
    let subject: Subject
    var kind: TrafficClass
    /// `.distantFuture` where it has no end.
    var until: Timestamp
  }

  /// The first declared first.
  private(set) var entries: [Entry] = []

  var nextDeadline: Timestamp { entries.lazy.map(\.until).min() ?? .distantFuture }

  subscript(subject: Subject) -> TrafficClass? {
    entries.first { $0.subject == subject }?.kind
  }

  func entries(of peer: PermID) -> [Entry] { entries.filter { $0.subject.peer == peer } }

  /// Declares or renews; false where there are too many.
  mutating func set(_ entry: Entry) -> Bool {
    if let place = entries.firstIndex(where: { $0.subject == entry.subject }) {
      entries[place] = entry
      return true
    }
    guard entries.count < Self.limit else { return false }
    entries.append(entry)
    return true
  }

  mutating func remove(_ subject: Subject) { entries.removeAll { $0.subject == subject } }

  mutating func removeAll(of peer: PermID) { entries.removeAll { $0.subject.peer == peer } }

  /// Removes those whose time is over.
  mutating func takeEnded(at now: Timestamp) -> [Entry] {
    guard nextDeadline <= now else { return [] }
    let ended = entries.filter { $0.until <= now }
    entries.removeAll { $0.until <= now }
    return ended
  }
}
