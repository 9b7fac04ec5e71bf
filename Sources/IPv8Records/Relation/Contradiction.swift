import IPv8Crypto
import IPv8Wire

/// Two records that one signer made for one row with one timestamp and that say different things:
/// proof, for everyone who reads it, that the signer deceives.
public struct Contradiction: Equatable, Sendable {
  /// Bytes of the longest proof.
  public static let byteLimit = 2 * RelationRecord.byteLimit

  /// Ordered by their bodies, so that one contradiction has one form.
  public let first: SignedRelation
  public let second: SignedRelation

  /// Nil where the two can stand beside each other.
  public init?(_ a: SignedRelation, _ b: SignedRelation) {
    guard a.record.key == b.record.key, a.record.succession(to: b.record) == .contradiction
    else { return nil }
    let isOrdered = a.record.body.lexicographicallyPrecedes(b.record.body)
    (first, second) = isOrdered ? (a, b) : (b, a)
  }

  /// Whose word it breaks.
  public var signer: PermID { first.record.signer }

  /// Both records, as they travel.
  public var bytes: [UInt8] { first.bytes + second.bytes }

  /// Checks both records' signatures and that they contradict each other; nil otherwise. How old
  /// they are does not matter.
  public init?(verifying bytes: [UInt8]) {
    self.init(bytes) { try? SignedRelation(verifying: $0, at: $1.timestamp) }
  }

  /// A proof whose signatures were checked before it was stored; nil where it is none.
  public init?(stored bytes: [UInt8]) {
    self.init(bytes) { bytes, record in
      let signatures = [UInt8](bytes[RelationRecord.bodyByteCount...])
      return SignedRelation(stored: record, signatures: signatures)
    }
  }

  private init?(_ bytes: [UInt8], by read: ([UInt8], RelationRecord) -> SignedRelation?) {
    guard bytes.count <= Self.byteLimit, let record = RelationRecord.parse(bytes.rawSpan) else {
      return nil
    }
    let count = SignedRelation.byteCount(of: record)
    guard bytes.count > count else { return nil }
    let rest = [UInt8](bytes[count...])
    guard let other = RelationRecord.parse(rest.rawSpan),
      let a = read([UInt8](bytes[..<count]), record), let b = read(rest, other),
      let proof = Contradiction(a, b), proof.first == a
    else { return nil }
    self = proof
  }
}
