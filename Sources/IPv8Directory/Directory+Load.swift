import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

extension Directory {
  /// Fills the tables at the start: what was verified when it was stored. May be called several times;
  /// one call with everything is fastest. What expired is left out and removed from the store.
  public mutating func load(
    bindings: [SignedBinding], relations: [SignedRelation], contradictions: [Contradiction],
    at now: Moment
  ) {
    let isFirst = table.bindings.isEmpty && table.relations.isEmpty
    if isFirst {
      table.reserve(bindings.count + relations.count / 8 + table.rows.count)
      table.bindings.reserveCapacity(bindings.count)
      table.relations.reserveCapacity(relations.count)
    }
    var summaries: [RecordSummary] = []
    summaries.reserveCapacity(bindings.count)
    for binding in bindings {
      guard binding.record.expiry >= now.wall else {
        store(.removeBinding(binding.record.permID))
        continue
      }
      if let summary = load(binding) { summaries.append(summary) }
    }
    Self.fill(&books.bindings.table, summaries)
    summaries = []
    summaries.reserveCapacity(relations.count)
    for relation in relations { if let summary = load(relation) { summaries.append(summary) } }
    Self.fill(&books.relations.table, summaries)
    for proof in contradictions {
      guard let number = number(making: proof.signer), table.proofs[number] == nil else { continue }
      let summary = RecordSummary(proof.first.record, proof.second.record)
      enter(proof, summary, number)
      books.contradictions.table.insert(summary)
    }
    rebuildGraph(at: now)
    makeRoom(at: now)
    settle(at: now)
  }

  private mutating func load(_ binding: SignedBinding) -> RecordSummary? {
    guard let number = number(making: binding.record.permID),
      table.rows[Int(number)].binding.isEmpty
    else { return nil }
    noteSigner(number)
    let body = binding.record.body
    let summary = RecordSummary(binding.record, body: body)
    table.rows[Int(number)].binding = body + binding.signature
    table.rows[Int(number)].bindingTime = binding.record.timestamp
    table.rows[Int(number)].expiry = UInt32(
      clamping: binding.record.expiry.milliseconds / 1_000 + 1)
    table.bindings[summary.id] = number
    return summary
  }

  private mutating func load(_ relation: SignedRelation) -> RecordSummary? {
    let record = relation.record
    guard let signer = number(making: record.signer), let subject = number(making: record.subject)
    else { return nil }
    let place = PeerTable.RelationPlace(signer: signer, subject: subject, type: record.type)
    guard table.relationIndex(place) == nil else { return nil }
    noteSigner(signer)
    table.rows[Int(signer)].relations.append(RelationRow(relation, subject: subject))
    table.rows[Int(subject)].mentions += 1
    let summary = RecordSummary(record)
    table.relations[summary.id] = place
    return summary
  }

  private static func fill(_ book: inout RecordTable, _ summaries: [RecordSummary]) {
    if book.count == 0 {
      book.fill(summaries)
    } else {
      for summary in summaries { book.insert(summary) }
    }
  }

  /// Makes the graph of all relations and contacts anew.
  mutating func rebuildGraph(at now: Moment) {
    var edges: [Edge] = []
    edges.reserveCapacity(table.relations.count)
    for index in table.rows.indices {
      let signer = PeerNumber(index)
      var subjects = Set(table.rows[index].relations.map(\.subject))
      if signer == TrustView.observer { subjects.formUnion(contacts) }
      for subject in subjects {
        edges.append(Edge(signer, subject, weight: weight(signer, subject, at: now)))
      }
    }
    var graph = RelationGraph(peerCount: table.rows.count, edges: edges)
    for index in table.rows.indices.dropFirst()
    where !table.rows[index].flags.isDisjoint(with: [.blocked, .deceitful]) {
      graph.block(PeerNumber(index))
    }
    trust.replace(graph)
    refreshScores(at: now)
  }
}
