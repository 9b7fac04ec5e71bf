import IPv8Sync
import IPv8Wire

/// What the sessions of all peers share: one book for each table.
struct RecordBooks: Sendable {
  var bindings: SyncBook
  var relations: SyncBook
  var contradictions: SyncBook

  /// - Parameter keepsAll: strangers' records are fetched as fast as signatures are checked.
  init(keepsAll: Bool, using random: inout SeededRandom) {
    bindings = Self.book(keepsAll, &random)
    relations = Self.book(keepsAll, &random)
    contradictions = Self.book(false, &random)
  }

  private static func book(_ keepsAll: Bool, _ random: inout SeededRandom) -> SyncBook {
    let table = RecordTable(seed: random.next())
    let seed = random.next()
    guard keepsAll else { return SyncBook(table: table, budgets: SignerBudgets(seed: seed)) }
    let strangers = TokenBucket(
      rate: DirectoryLimits.verifications, burst: Int64(SyncLimits.wantedLimit))
    return SyncBook(table: table, budgets: SignerBudgets(seed: seed, strangers: strangers))
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

  /// Makes room for so many peers in all.
  mutating func reserve(_ count: Int) {
    bindings.table.reserve(signers: count)
    relations.table.reserve(signers: count)
  }

  /// What was declined is looked at again.
  mutating func reconsider(before moment: WallTime) {
    bindings.table.reconsider(before: moment)
    relations.table.reconsider(before: moment)
  }
}
