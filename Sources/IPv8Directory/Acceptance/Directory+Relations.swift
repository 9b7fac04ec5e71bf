import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

extension Directory {
  mutating func takeRelation(_ offer: Offer, at now: Moment) -> RecordVerdict {
    let bytes = offer.bytes
    guard let record = RelationRecord.parse(bytes.rawSpan),
      bytes.count == record.signedByteCount
    else { return .refused(.malformed) }
    let signer = table[record.signer]
    if let signer {
      guard !isShunned(signer, forRelations: true) else { return .refused(.blocked) }
      if let old = relation(record.key), let known = old.record {
        switch record.succession(to: known) {
        case .same: return .known
        case .older: return .older
        case .contradiction: return takeContradiction(offer, to: old, at: now)
        case .newer: break
        }
      }
    }
    guard record.timestamp.milliseconds <= now.wall.milliseconds + SignedBinding.futureLimit else {
      return .refused(.fromFuture)
    }
    guard hasRoom(for: signer) else { return .refused(.full) }
    guard let displaced = displaced(by: record, of: signer) else { return .refused(.allowance) }
    if let verdict = permit(offer, at: now) { return verdict }
    guard let relation = try? SignedRelation(verifying: bytes, at: now.wall) else {
      return .refused(.forged)
    }
    for key in displaced { drop(key, at: now) }
    guard put(relation, at: now) else {
      if let signer = table[record.signer] { releaseIfUnused(signer) }
      return .refused(.full)
    }
    noteNews(.relations, from: offer.source, at: now.boot)
    if record.signer == own { emit(.changed(record.subject)) }
    return .accepted
  }

  struct KnownRelation {
    let signer: PeerNumber
    let index: Int
    let record: RelationRecord?
    let signed: SignedRelation?
  }

  /// The relation in the table under a key.
  func relation(_ key: RelationRecord.Key) -> KnownRelation? {
    guard let signer = table[key.signer], let subject = table[key.subject],
      let index = table.relationIndex(
        PeerTable.RelationPlace(signer: signer, subject: subject, type: key.type))
    else { return nil }
    let row = table.rows[Int(signer)]
    let relation = row.relations[index]
    return KnownRelation(
      signer: signer, index: index, record: row.record(relation, of: key.subject),
      signed: row.relation(relation, of: key.subject))
  }

  /// Rows of the signer that give way; nil where the new one is the oldest.
  private func displaced(
    by record: RelationRecord, of signer: PeerNumber?
  ) -> [RelationRecord.Key]? {
    guard let signer, relation(record.key) == nil else { return [] }
    let row = table.rows[Int(signer)]
    let allowance = Gate(self).allowance(signer)
    guard row.relations.count >= min(allowance.relations, allowance.relationsOfType) else {
      return []
    }
    return allowance.displaced(
      by: record, among: row.relations.map { row.record($0, of: table.name($0.subject)) })
  }

  /// Puts a verified relation into the tables, in the place of an older one.
  mutating func put(_ relation: SignedRelation, at now: Moment) -> Bool {
    let record = relation.record
    guard let signer = number(making: record.signer), let subject = number(making: record.subject)
    else { return false }
    if let old = self.relation(record.key) {
      removeRelation(signer, at: old.index)
    }
    noteSigner(signer)
    table.rows[Int(signer)].relations.append(RelationRow(relation, subject: subject))
    table.rows[Int(subject)].mentions += 1
    let summary = RecordSummary(record)
    table.relations[summary.id] = PeerTable.RelationPlace(
      signer: signer, subject: subject, type: record.type)
    books.relations.table.insert(summary)
    store(.relation(relation))
    refreshEdge(signer, subject, at: now)
    makeRoom(at: now)
    return true
  }

  /// Takes a relation out of the tables and the store.
  mutating func drop(_ key: RelationRecord.Key, at now: Moment) {
    guard let old = relation(key) else { return }
    let subject = table.rows[Int(old.signer)].relations[old.index].subject
    removeRelation(old.signer, at: old.index)
    store(.removeRelation(key.signer, key.subject, key.type))
    refreshEdge(old.signer, subject, at: now)
    releaseIfUnused(subject)
    releaseIfUnused(old.signer)
  }

  /// Takes a row out of the tables; edges and unused peers are the caller's.
  mutating func removeRelation(_ signer: PeerNumber, at index: Int) {
    let row = table.rows[Int(signer)]
    let summary = RecordSummary(
      row.record(row.relations[index], of: table.name(row.relations[index].subject)))
    table.rows[Int(row.relations[index].subject)].mentions -= 1
    table.rows[Int(signer)].relations.remove(at: index)
    table.relations[summary.id] = nil
    books.relations.table.remove(summary)
    if !table.rows[Int(signer)].isSigner { noteSignerGone(signer) }
  }

  /// The weight of an edge follows the relations that make it.
  mutating func refreshEdge(_ signer: PeerNumber, _ subject: PeerNumber, at now: Moment) {
    let weight = weight(signer, subject, at: now)
    guard trust.graph.weight(signer, subject) != weight else { return }
    // Beyond the graph's limits an edge is left out; its records are kept.
    _ = try? trust.graph.set(Edge(signer, subject, weight: weight))
    trust.noteChange(of: signer)
    scheduleScores(at: now)
  }

  func weight(_ signer: PeerNumber, _ subject: PeerNumber, at now: Moment) -> UInt32 {
    let row = table.rows[Int(signer)]
    let records = row.relations.filter { $0.subject == subject }
      .map { row.record($0, of: table.name(subject)) }
    let weight = settings.weights.weight(of: records, at: now.wall)
    guard signer == TrustView.observer, contacts.contains(subject) else { return weight }
    return max(weight, settings.contactWeight)
  }

  /// A relation for the caller to sign and to offer as ``RecordSource/own``. Its timestamp is later than
  /// that of the one it replaces.
  ///
  /// - Parameter strength: 0 (revoked) to 1.
  public func relationToSign(
    trusting peer: PermID, type: RelationType = .friend, strength: Double, at now: Moment
  ) -> RelationRecord {
    let full = Double(RelationRecord.fullStrength)
    var record = RelationRecord(
      signer: own, subject: peer, type: type, timestamp: now.wall,
      strength: Int64((min(1, max(0, strength)) * full).rounded()))
    if let before = relation(record.key)?.record?.timestamp, before >= now.wall {
      record.timestamp = WallTime(milliseconds: before.milliseconds + 1)
    }
    return record
  }
}
