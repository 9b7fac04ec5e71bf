import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

extension Directory {
  /// A record and the one in the table say different things with one timestamp.
  mutating func takeContradiction(
    _ offer: Offer, to known: KnownRelation, at now: Moment
  ) -> RecordVerdict {
    if let verdict = permit(offer, at: now) { return verdict }
    guard let signed = known.signed,
      let other = try? SignedRelation(verifying: offer.bytes, at: signed.record.timestamp)
    else { return .refused(.forged) }
    guard let proof = Contradiction(signed, other) else { return .refused(.malformed) }
    put(proof, from: offer.source, at: now)
    return .contradiction
  }

  /// Takes both records of a contradiction, as they travel.
  mutating func takeProof(_ offer: Offer, at now: Moment) -> RecordVerdict {
    guard let (first, second) = SyncScope.parts(offer.bytes),
      first.body.lexicographicallyPrecedes(second.body)
    else { return .refused(.malformed) }
    let summary = RecordSummary(first, second)
    if let number = table[first.signer], let known = table.proofs[number] {
      guard summary.id != known.summary.id else { return .known }
      // Of several all hosts keep the same one.
      guard summary.id.precedes(known.summary.id) else { return .older }
      guard table.rows[Int(number)].admitsChange(at: now.boot) else { return .refused(.tooOften) }
    }
    if let verdict = permit(offer, at: now) { return verdict }
    guard let proof = Contradiction(verifying: offer.bytes) else { return .refused(.forged) }
    put(proof, from: offer.source, at: now)
    return .contradiction
  }

  private mutating func put(_ proof: Contradiction, from source: RecordSource, at now: Moment) {
    guard let number = number(making: proof.signer) else { return }
    if let old = table.proofs[number] { remove(old) }
    let summary = RecordSummary(proof.first.record, proof.second.record)
    enter(proof, summary, number)
    books.contradictions.table.insert(summary)
    table.rows[Int(number)].noteChange(at: now.boot)
    store(.contradiction(proof))
    if number != TrustView.observer {
      let row = table.rows[Int(number)]
      for relation in row.relations {
        drop(row.record(relation, of: table.name(relation.subject)).key, at: now)
      }
    }
    followBlock(number, at: now)
    noteNews(.contradictions, from: source, at: now.boot)
    emit(.changed(proof.signer))
    if table.proofs.count > DirectoryLimits.contradictions { evictProofs(at: now) }
  }

  /// Puts a proof into the table; not into the book.
  mutating func enter(_ proof: Contradiction, _ summary: RecordSummary, _ number: PeerNumber) {
    table.proofOrder += 1
    table.proofs[number] = PeerTable.Proof(
      bytes: proof.bytes, summary: summary, order: table.proofOrder)
    table.proofIDs[summary.id] = number
    table.rows[Int(number)].flags.insert(.deceitful)
  }

  private mutating func remove(_ proof: PeerTable.Proof) {
    table.proofIDs[proof.summary.id] = nil
    books.contradictions.table.remove(proof.summary)
  }

  /// Those against peers to whom nobody's trust leads go first, of equals the oldest.
  private mutating func evictProofs(at now: Moment) {
    let order = table.proofs.sorted {
      let (a, b) = (trust.ranks.isReached($0.key), trust.ranks.isReached($1.key))
      return a != b ? !a : $0.value.order < $1.value.order
    }
    for (number, proof) in order.prefix(max(1, DirectoryLimits.contradictions / 16)) {
      remove(proof)
      table.proofs[number] = nil
      table.rows[Int(number)].flags.remove(.deceitful)
      followBlock(number, at: now)
      releaseIfUnused(number)
    }
  }

  /// The graph follows whether a peer is blocked.
  mutating func followBlock(_ number: PeerNumber, at now: Moment) {
    guard number != TrustView.observer else { return }
    let isBlocked = !table.rows[Int(number)].flags.isDisjoint(with: [.blocked, .deceitful])
    guard trust.graph.isBlocked(number) != isBlocked else { return }
    trust.graph.block(number, isBlocked)
    trust.noteChange(of: number)
    scheduleScores(at: now)
  }
}

extension RecordID {
  func precedes(_ other: RecordID) -> Bool { (high, low) < (other.high, other.low) }
}
