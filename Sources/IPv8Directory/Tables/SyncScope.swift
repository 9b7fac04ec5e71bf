import IPv8Records
import IPv8Sync
import IPv8Wire

/// The tables that are synchronised, by their numbers on the wire.
enum SyncScope: UInt8, Sendable, CaseIterable {
  /// Bindings of the last hour or two.
  case hot = 0
  case bindings = 1
  case relations = 2
  case contradictions = 3

  /// The scope that a message's session is of: the lowest two bits of its number say it.
  init(message: [UInt8]) {
    self = SyncScope(rawValue: message.count > 4 ? message[4] & 3 : 0) ?? .hot
  }

  /// `random` as the number of a session.
  func session(_ random: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: random) & ~3 | UInt32(rawValue)
  }

  /// What synchronisation knows of a record of this scope; nil where the bytes are none.
  func summary(of bytes: [UInt8]) -> RecordSummary? {
    switch self {
    case .hot, .bindings:
      guard let (record, count) = BindingRecord.parse(bytes.rawSpan), bytes.count == count + 64
      else { return nil }
      return RecordSummary(record, body: [UInt8](bytes[..<count]))
    case .relations:
      guard let record = RelationRecord.parse(bytes.rawSpan),
        bytes.count == record.signedByteCount
      else { return nil }
      return RecordSummary(record)
    case .contradictions:
      guard let (first, second) = Self.parts(bytes) else { return nil }
      return RecordSummary(first, second)
    }
  }

  /// The records of a contradiction's bytes, unchecked.
  static func parts(_ bytes: [UInt8]) -> (RelationRecord, RelationRecord)? {
    guard bytes.count <= Contradiction.byteLimit, let first = RelationRecord.parse(bytes.rawSpan),
      bytes.count > first.signedByteCount
    else { return nil }
    let rest = [UInt8](bytes[first.signedByteCount...])
    guard let second = RelationRecord.parse(rest.rawSpan), rest.count == second.signedByteCount,
      first.key == second.key, first.timestamp == second.timestamp
    else { return nil }
    return (first, second)
  }
}

extension RelationRecord {
  /// Of body ‖ signatures.
  var signedByteCount: Int { Self.bodyByteCount + (flags.contains(.countersigned) ? 128 : 64) }
}

extension RecordSummary {
  init(_ binding: BindingRecord, body: [UInt8]) {
    self.init(
      signer: binding.permID, slot: [BindingRecord.kind], timestamp: binding.timestamp, body: body)
  }

  init(_ relation: RelationRecord) {
    var slot = [RelationRecord.kind] + relation.subject.bytes
    slot.append(bigEndian: relation.type.rawValue)
    self.init(
      signer: relation.signer, slot: slot, timestamp: relation.timestamp, body: relation.body)
  }

  /// Of a contradiction: one for a signer.
  init(_ first: RelationRecord, _ second: RelationRecord) {
    self.init(
      signer: first.signer, slot: [3], timestamp: first.timestamp, body: first.body + second.body)
  }
}
