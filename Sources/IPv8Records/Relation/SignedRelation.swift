import IPv8Crypto
import IPv8Wire

/// A relation whose signatures are its parties': the only form in which a peer's word counts.
public struct SignedRelation: Equatable, Sendable {
  public enum Refusal: Error, Equatable, Sendable {
    /// Not the canonical bytes of a relation record.
    case malformed
    /// A signature is missing or not that of the peer it should be of.
    case forged
    /// More than 120 s ahead of this host's clock.
    case fromFuture
  }

  public let record: RelationRecord
  /// ID_1's, 64 bytes; in a countersigned record ID_2's behind it.
  public let signatures: [UInt8]

  /// Signs `record` as its ID_1.
  public init(signing record: RelationRecord, with identity: IdentityKey) {
    precondition(!record.flags.contains(.countersigned), "needs both parties")
    self.init(record, with: identity, countersignature: [])
  }

  /// Signs as ID_1 what ID_2 has signed already; nil where `countersignature` is not ID_2's.
  public init?(
    signing record: RelationRecord, with identity: IdentityKey, countersignature: [UInt8]
  ) {
    guard record.flags.contains(.countersigned),
      record.subject.verifies(countersignature, over: record.body, domain: .relation)
    else { return nil }
    self.init(record, with: identity, countersignature: countersignature)
  }

  private init(
    _ record: RelationRecord, with identity: IdentityKey, countersignature: [UInt8]
  ) {
    precondition(record.signer == identity.permID, "a signer speaks for itself")
    precondition(record.isCanonical, "a record that others accept")
    self.record = record
    signatures = identity.sign(record.body, domain: .relation) + countersignature
  }

  /// What `identity`, ID_2 of `record`, adds to it.
  public static func countersignature(
    of record: RelationRecord, by identity: IdentityKey
  ) -> [UInt8] {
    precondition(record.subject == identity.permID, "a subject speaks for itself")
    precondition(record.flags.contains(.countersigned), "the flag is signed too")
    return identity.sign(record.body, domain: .relation)
  }

  /// Checks body ‖ signatures, as it travels.
  public init(verifying bytes: [UInt8], at now: WallTime) throws(Refusal) {
    guard let record = RelationRecord.parse(bytes.rawSpan),
      bytes.count == Self.byteCount(of: record)
    else { throw .malformed }
    let limit = now.milliseconds.addingReportingOverflow(SignedBinding.futureLimit)
    guard limit.overflow || record.timestamp.milliseconds <= limit.partialValue else {
      throw .fromFuture
    }
    let body = [UInt8](bytes[..<RelationRecord.bodyByteCount])
    let first = [UInt8](bytes[RelationRecord.bodyByteCount...].prefix(64))
    guard record.signer.verifies(first, over: body, domain: .relation) else { throw .forged }
    if record.flags.contains(.countersigned) {
      guard record.subject.verifies([UInt8](bytes.suffix(64)), over: body, domain: .relation)
      else { throw .forged }
    }
    self.record = record
    signatures = [UInt8](bytes[RelationRecord.bodyByteCount...])
  }

  /// A record whose signatures were checked before it was stored; nil where the record is not
  /// canonical or the number of signatures is not that of its flags.
  public init?(stored record: RelationRecord, signatures: [UInt8]) {
    let count = Self.byteCount(of: record) - RelationRecord.bodyByteCount
    guard record.isCanonical, signatures.count == count else { return nil }
    self.record = record
    self.signatures = signatures
  }

  /// Body ‖ signatures.
  public var bytes: [UInt8] { record.body + signatures }

  /// The certificate column of the relations table, from which, with the other columns, the record
  /// can be made again: flags(1) signature(64) [signature(64)].
  public var certificate: [UInt8] { [record.flags.rawValue] + signatures }

  /// Whether it proves what it says and is not just its signer's claim: bytes were exchanged only
  /// where both say so.
  public var isProof: Bool { record.type != .traffic || record.flags.contains(.countersigned) }

  /// Of body ‖ signatures.
  static func byteCount(of record: RelationRecord) -> Int {
    RelationRecord.bodyByteCount + (record.flags.contains(.countersigned) ? 128 : 64)
  }
}
