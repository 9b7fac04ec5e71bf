import IPv8Records
import IPv8Trust
import IPv8Wire

/// What the tables hold of one peer. Of a peer without records about 100 bytes.
struct PeerRow: Sendable {
  struct Flags: OptionSet, Sendable {
    let rawValue: UInt8

    /// Added by the user.
    static let contact = Flags(rawValue: 1)
    /// Blocked by the user.
    static let blocked = Flags(rawValue: 2)
    /// Two of its records contradict each other.
    static let deceitful = Flags(rawValue: 4)
    /// Nobody has this row.
    static let free = Flags(rawValue: 8)
  }

  let permID: PermID
  var flags: Flags = []
  /// Relations about it.
  var mentions: UInt32 = 0
  /// Seconds since 1970 when its binding leaves the table.
  var expiry: UInt32 = 0
  var bindingTime = WallTime(milliseconds: 0)
  /// Body ‖ signature; empty where there is none.
  var binding: [UInt8] = []
  /// Signed by it, in no order.
  var relations: [RelationRow] = []
  private var changesFullAt = Timestamp(nanoseconds: 0)

  init(_ permID: PermID) { self.permID = permID }

  var isSigner: Bool { !binding.isEmpty || !relations.isEmpty }

  /// Whether nothing of it or about it is kept any more.
  var isUnused: Bool { !isSigner && mentions == 0 && flags.isEmpty }

  var signedBinding: SignedBinding? {
    guard let (record, count) = BindingRecord.parse(binding.rawSpan) else { return nil }
    return SignedBinding(stored: record, signature: [UInt8](binding[count...]))
  }

  /// The newest of its records' times.
  var newest: WallTime { relations.reduce(bindingTime) { max($0, $1.timestamp) } }

  func admitsChange(at now: Timestamp) -> Bool {
    let pause = DirectoryLimits.bindingPause
    return max(changesFullAt, now) - now <= pause * (DirectoryLimits.bindingBurst - 1)
  }

  mutating func noteChange(at now: Timestamp) {
    changesFullAt = max(changesFullAt, now) + DirectoryLimits.bindingPause
  }

  /// When ``admitsChange(at:)`` says yes again.
  var nextChange: Timestamp {
    let pause = DirectoryLimits.bindingPause
    return changesFullAt - pause * (DirectoryLimits.bindingBurst - 1)
  }

  func relation(_ row: RelationRow, of subject: PermID) -> SignedRelation? {
    SignedRelation(stored: record(row, of: subject), signatures: row.signatures)
  }

  func record(_ row: RelationRow, of subject: PermID) -> RelationRecord {
    RelationRecord(
      signer: permID, subject: subject, type: row.type, timestamp: row.timestamp,
      strength: row.strength, flags: row.flags)
  }
}

/// A relation without what its signer's row says: 40 bytes and the signatures.
struct RelationRow: Sendable {
  let subject: PeerNumber
  let type: RelationType
  let flags: RelationRecord.Flags
  let timestamp: WallTime
  let strength: Int64
  let signatures: [UInt8]

  init(_ relation: SignedRelation, subject: PeerNumber) {
    self.subject = subject
    type = relation.record.type
    flags = relation.record.flags
    timestamp = relation.record.timestamp
    strength = relation.record.strength
    signatures = relation.signatures
  }

  /// Whether it joins friends: a friend, or traffic that both signed.
  var isFriendship: Bool {
    guard strength > 0 else { return false }
    return type == .friend || (type == .traffic && flags.contains(.countersigned))
  }
}

extension Timestamp {
  static func - (moment: Timestamp, interval: Interval) -> Timestamp {
    moment + Interval(nanoseconds: -interval.nanoseconds)
  }
}
