import IPv8Sync
import IPv8Wire

/// What the sessions of all peers share: one book for each table.
struct RecordBooks: Sendable {
  var bindings: SyncBook
  var relations: SyncBook
  var contradictions: SyncBook

  init(using random: inout SeededRandom) {
    bindings = Self.book(&random)
    relations = Self.book(&random)
    contradictions = Self.book(&random)
  }

  private static func book(_ random: inout SeededRandom) -> SyncBook {
    SyncBook(
      table: RecordTable(seed: random.next()), budgets: SignerBudgets(seed: random.next()))
  }

  subscript(scope: SyncScope) -> SyncBook {
    get {
      switch scope {
      case .hot, .bindings: bindings
      case .relations: relations
      case .contradictions: contradictions
      }
    }
    _modify {
      switch scope {
      case .hot, .bindings: yield &bindings
      case .relations: yield &relations
      case .contradictions: yield &contradictions
      }
    }
  }

  /// A signer that may have records.
  mutating func know(_ peer: PermID) {
    bindings.table.know(peer)
    relations.table.know(peer)
  }

  mutating func forget(_ peer: PermID) {
    bindings.table.forget(peer)
    relations.table.forget(peer)
  }

  /// What was declined is looked at again.
  mutating func reconsider(before moment: WallTime) {
    bindings.table.reconsider(before: moment)
    relations.table.reconsider(before: moment)
  }
}
