import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

/// What was loaded and is not in the books yet, which are made at once.
struct LoadState: Sendable {
  var bindings: [RecordSummary] = []
  var relations: [RecordSummary] = []
}

/// Filling the tables at the start with what was verified when it was stored: any number of calls of
/// ``load(_:at:)``, then ``finishLoading(at:)``.
extension Directory {
  /// Makes room for so many peers.
  public mutating func reserve(peers count: Int) {
    let count = min(count, settings.recordCapacity + settings.recordCapacity / 8)
    table.reserve(count)
    books.reserve(count)
    loading.bindings.reserveCapacity(count)
  }

  /// Bindings that expired are left out and removed from the store.
  public mutating func load(_ records: PreparedRecords, at now: Moment) {
    switch records.content {
    case .bindings(let bindings): for binding in bindings { load(binding, at: now) }
    case .relations(let relations): for relation in relations { load(relation) }
    case .contradictions(let proofs): for proof in proofs { load(proof) }
    }
  }

  /// Makes of what was loaded what synchronisation and trust need.
  public mutating func finishLoading(at now: Moment) {
    Self.fill(&books.bindings.table, loading.bindings)
    Self.fill(&books.relations.table, loading.relations)
    loading = LoadState()
    rebuildGraph(at: now)
    makeRoom(at: now)
    settle(at: now)
  }

  private mutating func load(_ binding: PreparedRecords.Binding, at now: Moment) {
    let peer = binding.summary.signer
    guard binding.expiry >= now.wall else { return store(.removeBinding(peer)) }
    guard let number = number(making: peer, key: binding.key),
      table.rows[Int(number)].binding.isEmpty
    else { return }
    noteSigner(number)
    table.rows[Int(number)].binding = binding.bytes
    table.rows[Int(number)].bindingTime = binding.timestamp
    table.rows[Int(number)].expiry = UInt32(clamping: binding.expiry.milliseconds / 1_000 + 1)
    table.bindings[binding.summary.id] = number
    loading.bindings.append(binding.summary)
  }

  private mutating func load(_ relation: SignedRelation) {
    let record = relation.record
    guard let signer = number(making: record.signer), let subject = number(making: record.subject)
    else { return }
    let place = PeerTable.RelationPlace(signer: signer, subject: subject, type: record.type)
    guard table.relationIndex(place) == nil else { return }
    noteSigner(signer)
    table.rows[Int(signer)].relations.append(RelationRow(relation, subject: subject))
    table.rows[Int(subject)].mentions += 1
    let summary = RecordSummary(record)
    table.relations[summary.id] = place
    loading.relations.append(summary)
  }

  private mutating func load(_ proof: Contradiction) {
    guard let number = number(making: proof.signer), table.proofs[number] == nil else { return }
    let summary = RecordSummary(proof.first.record, proof.second.record)
    enter(proof, summary, number)
    books.contradictions.table.insert(summary)
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
      guard signer == TrustView.observer || !table.rows[index].relations.isEmpty else { continue }
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
