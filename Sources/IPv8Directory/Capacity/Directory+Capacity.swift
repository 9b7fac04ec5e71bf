import IPv8Records
import IPv8Trust
import IPv8Wire

/// How full the tables are.
struct CapacityState: Sendable {
  /// Signers without a score, as counted last and followed since.
  var strangers = 0
  /// The best score of those that left the full table.
  var floor = 0.0
  var counted = Timestamp(nanoseconds: 0)
  /// When what was declined is looked at again.
  var reconsidered = Timestamp(nanoseconds: 0)
}

extension Directory {
  /// Own records, contacts' and those of peers with a score.
  func isFavoured(_ number: PeerNumber) -> Bool {
    number == TrustView.observer || contacts.contains(number) || trust.isReached(number)
  }

  /// Of whom no records are taken. What a contact that was proved to deceive says of itself counts.
  func isShunned(_ number: PeerNumber, forRelations: Bool = false) -> Bool {
    guard number != TrustView.observer else { return false }
    let flags = table.rows[Int(number)].flags
    if flags.contains(.blocked) { return true }
    return flags.contains(.deceitful) && (forRelations || !flags.contains(.contact))
  }

  /// Whether a record of the signer may be taken; nil: of one that is not known.
  func hasRoom(for number: PeerNumber?) -> Bool {
    Gate(self).hasRoom(for: number)
  }

  /// Before a record is put in.
  mutating func noteSigner(_ number: PeerNumber) {
    guard !table.rows[Int(number)].isSigner else { return }
    table.signerCount += 1
    if !isFavoured(number) { capacity.strangers += 1 }
  }

  /// After its last record left.
  mutating func noteSignerGone(_ number: PeerNumber) {
    table.signerCount -= 1
    if !isFavoured(number) { capacity.strangers = max(0, capacity.strangers - 1) }
  }

  /// Counts strangers anew, at most once in a second.
  mutating func countStrangers(at now: Timestamp) {
    guard now - capacity.counted >= .seconds(1) else { return }
    capacity.counted = now
    capacity.strangers = 0
    for index in table.rows.indices
    where table.rows[index].isSigner && !isFavoured(PeerNumber(index)) {
      capacity.strangers += 1
    }
  }

  /// Takes out the least trusted where the tables are full.
  mutating func makeRoom(at now: Moment) {
    if table.signerCount > settings.recordCapacity { evictSigners(at: now) }
    if table.relations.count > relationCapacity { evictRelations(at: now) }
  }

  func evictionOrder(capacity: Int) -> EvictionOrder {
    var order = EvictionOrder(capacity: capacity)
    order.strangerTwentieths = min(20, max(1, settings.strangerTwentieths))
    return order
  }

  private var relationCapacity: Int {
    settings.recordCapacity * DirectoryLimits.relationsPerSigner
  }

  private func candidates(where isOne: (PeerRow) -> Bool) -> [EvictionCandidate] {
    table.rows.indices.compactMap { index in
      let row = table.rows[index]
      let number = PeerNumber(index)
      guard isOne(row) else { return nil }
      let isKept = number == TrustView.observer || row.flags.contains(.contact)
      return EvictionCandidate(
        peer: number, score: isKept ? 1 : trust.isReached(number) ? trust.score(number) : 0,
        timestamp: row.newest, isKept: isKept)
    }
  }

  private mutating func evictSigners(at now: Moment) {
    trust.refresh()
    let goal = settings.recordCapacity - settings.recordCapacity / DirectoryLimits.evictionShare
    let candidates = candidates { $0.isSigner }
    let evicted = evictionOrder(capacity: max(1, goal)).evicted(from: candidates)
    for number in evicted {
      capacity.floor = max(capacity.floor, trust.isReached(number) ? trust.score(number) : 0)
      evict(number, at: now)
    }
    counters.evicted += UInt64(evicted.count)
  }

  /// Relations leave in the same order, all of a signer together.
  private mutating func evictRelations(at now: Moment) {
    let goal = relationCapacity - relationCapacity / DirectoryLimits.evictionShare
    let order = EvictionOrder(capacity: 1).evicted(from: candidates { !$0.relations.isEmpty })
    for number in order {
      guard table.relations.count > goal else { return }
      dropRelations(of: number, at: now)
      releaseIfUnused(number)
    }
  }

  private mutating func evict(_ number: PeerNumber, at now: Moment) {
    if !table.rows[Int(number)].binding.isEmpty {
      removeBinding(number)
      store(.removeBinding(table.name(number)))
    }
    dropRelations(of: number, at: now)
    releaseIfUnused(number)
  }

  private mutating func dropRelations(of number: PeerNumber, at now: Moment) {
    let signer = table.name(number)
    while let relation = table.rows[Int(number)].relations.last {
      let subject = table.name(relation.subject)
      removeRelation(number, at: table.rows[Int(number)].relations.count - 1)
      store(.removeRelation(signer, subject, relation.type))
      refreshEdge(number, relation.subject, at: now)
      releaseIfUnused(relation.subject)
    }
  }
}
