import IPv8Control
import IPv8Crypto
import IPv8Records
import IPv8Store
import IPv8Wire

/// Signs what the user says of peers, and keeps it in the address book.
struct RelationSigner: Sendable {
  /// What became of one wish.
  struct Outcome: Equatable, Sendable {
    let relation: SignedRelation
    /// Signed just now.
    let isNew: Bool
  }

  /// Relations of one type: peers keep no more of one signer, and the oldest would go.
  static let limit = 256

  private let identity: IdentityKey
  private let store: Store

  init(_ identity: IdentityKey, _ store: Store) {
    self.identity = identity
    self.store = store
  }

  /// Signs all of `wishes`, or throws and signs none. What was said before with the same strength
  /// stays as it was, and so does what a wish lets stay.
  func sign(_ wishes: [RelationWish], now: WallTime) throws(ControlError) -> [Outcome] {
    var known: [RelationRecord.Key: SignedRelation] = [:]
    for relation in try own() { known[relation.record.key] = relation }
    var outcomes: [Outcome] = []
    for wish in wishes {
      let record = try record(wish, now)
      if let before = known[record.key],
        before.record.strength == record.strength || wish.keepsPrevious == true
      {
        outcomes.append(Outcome(relation: before, isNew: false))
        continue
      }
      var next = record
      if let before = known[record.key]?.record.timestamp, before >= now {
        // Timestamps of a row strictly increase, also where the clock went back.
        next.timestamp = WallTime(milliseconds: before.milliseconds &+ 1)
      }
      let signed = SignedRelation(signing: next, with: identity)
      known[next.key] = signed
      outcomes.append(Outcome(relation: signed, isNew: true))
    }
    for type in Set(outcomes.map(\.relation.record.type)) {
      guard known.keys.count(where: { $0.type == type }) <= Self.limit else {
        throw ControlError(.tooManyRelations, "\(Self.limit)")
      }
    }
    try keep(outcomes.filter(\.isNew).map(\.relation))
    return outcomes
  }

  private func record(
    _ wish: RelationWish, _ now: WallTime
  ) throws(ControlError) -> RelationRecord {
    guard let subject = PermID(text: wish.permID), subject.agreementPublicKey != nil else {
      throw ControlError(.permIDMalformed, wish.permID)
    }
    guard subject != identity.permID else { throw ControlError(.peerIsSelf, wish.permID) }
    guard (0...1).contains(wish.strength) else {
      throw ControlError(.strengthInvalid, "\(wish.strength)")
    }
    guard let number = UInt16(exactly: wish.type ?? Int(RelationType.friend.rawValue)),
      number != RelationType.traffic.rawValue
    else { throw ControlError(.requestMalformed, "field type") }
    return RelationRecord(
      signer: identity.permID, subject: subject, type: RelationType(rawValue: number),
      timestamp: now,
      strength: Int64((wish.strength * Double(RelationRecord.fullStrength)).rounded()))
  }

  private func own() throws(ControlError) -> [SignedRelation] {
    do throws(StoreError) { return try store.ownRelations(of: identity.permID) } catch {
      throw ControlError(error)
    }
  }

  private func keep(_ relations: [SignedRelation]) throws(ControlError) {
    guard !relations.isEmpty else { return }
    do throws(StoreError) { try store.putOwnRelations(relations) } catch {
      throw ControlError(error)
    }
  }
}

extension SignedRelationReport {
  init(_ outcome: RelationSigner.Outcome) {
    let record = outcome.relation.record
    self.init(
      permID: "\(record.subject)", type: Int(record.type.rawValue),
      strength: Double(record.strength) / Double(RelationRecord.fullStrength),
      timestampMilliseconds: Int(clamping: record.timestamp.milliseconds), isNew: outcome.isNew)
  }
}
