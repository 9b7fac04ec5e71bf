import IPv8Records
import IPv8Wire

/// Where a record came from, and how far it was looked at.
struct Offer {
  let bytes: [UInt8]
  let source: RecordSource
  /// A question of ours was answered by it: it is taken although its signer is a stranger.
  var isAsked = false
  /// The right to check its signature was given.
  var isPermitted = false
}

extension Directory {
  /// Takes a record as it travels, of any kind: binding, relation, contradiction. What is cheap is
  /// looked at before the signature.
  @discardableResult
  public mutating func offer(_ bytes: [UInt8], from source: RecordSource, at now: Moment)
    -> RecordVerdict
  {
    let verdict = take(Offer(bytes: bytes, source: source), at: now)
    settle(at: now)
    return verdict
  }

  mutating func take(_ offer: Offer, at now: Moment) -> RecordVerdict {
    let verdict =
      switch offer.bytes.first {
      case BindingRecord.kind: takeBinding(offer, at: now)
      case RelationRecord.kind where offer.bytes.count > RelationRecord.byteLimit:
        takeProof(offer, at: now)
      case RelationRecord.kind: takeRelation(offer, at: now)
      default: RecordVerdict.refused(.malformed)
      }
    switch verdict {
    case .accepted: counters.accepted += 1
    case .refused(let refusal):
      counters.refused[refusal, default: 0] += 1
      if refusal == .forged, case .peer(let peer) = offer.source { noteForgery(of: peer, at: now) }
      if refusal == .busy, case .peer(let peer) = offer.source {
        links.askAgain(peer, SyncScope(record: offer.bytes), at: now.boot)
      }
    case .contradiction: counters.contradictions += 1
    case .known, .older, .deferred: break
    }
    return verdict
  }

  /// Nil: the signature may be checked. Otherwise what becomes of the record.
  mutating func permit(_ offer: Offer, at now: Moment) -> RecordVerdict? {
    guard !offer.isPermitted, case .peer(let peer) = offer.source else {
      counters.verifications += 1
      return nil
    }
    let isWithinShare =
      if let index = links[peer] {
        links.mayVerify(index, at: now)
      } else {
        waiting.takeUnlinked(at: now.boot)
      }
    guard isWithinShare else { return .refused(.busy) }
    if waiting.count == 0, waiting.take(at: now.boot) {
      counters.verifications += 1
      return nil
    }
    return waiting.append(offer.bytes, from: offer.source) ? .deferred : .refused(.busy)
  }

  /// Checks what waited, as many as the rate allows.
  mutating func verifyWaiting(at now: Moment) {
    while waiting.count > 0, waiting.take(at: now.boot), let record = waiting.next() {
      _ = take(Offer(bytes: record.bytes, source: record.source, isPermitted: true), at: now)
    }
  }

  private mutating func noteForgery(of peer: PermID, at now: Moment) {
    guard let index = links[peer] else { return }
    links.noteForgery(index, at: now)
    for scope in SyncScope.allCases { drain(index, scope, at: now) }
  }
}

extension SyncScope {
  /// Where a record of that kind is asked for again.
  init(record bytes: [UInt8]) {
    self =
      bytes.first == BindingRecord.kind
      ? .bindings : bytes.count > RelationRecord.byteLimit ? .contradictions : .relations
  }
}
