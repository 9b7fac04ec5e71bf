import Foundation
import GRDB
import IPv8Records
import IPv8Wire

/// What stands in a row of table `relation` of the records, beside both PermIDs.
struct RelationRow {
  private let signer: PermID
  private let subject: PermID
  let type: Int64
  let timestamp: Int64
  let strength: Int64
  let certificate: [UInt8]

  init(_ relation: SignedRelation) {
    let record = relation.record
    (signer, subject) = (record.signer, record.subject)
    type = Int64(record.type.rawValue)
    timestamp = record.timestamp.column
    strength = record.strength
    certificate = relation.certificate
  }

  var sum: Int64 {
    RowSum(signer, subject, type, timestamp, strength, certificate.rawSpan).column
  }

  /// The columns that ``relation(_:signer:subject:from:)`` reads, in their order.
  static let columns = "rel_id, timestamp, strength, certificate, sum"

  /// The record of a row with ``columns`` from `index` on; nil where it is not what was stored.
  static func relation(
    _ row: Row, signer: PermID, subject: PermID, from index: Int
  ) throws -> SignedRelation? {
    let type = try row.decode(Int64.self, atIndex: index)
    let timestamp = try row.decode(Int64.self, atIndex: index + 1)
    let strength = try row.decode(Int64.self, atIndex: index + 2)
    let certificate = try row.decode(Data.self, atIndex: index + 3)
    let sum = RowSum(signer, subject, type, timestamp, strength, certificate.bytes)
    guard sum.column == (try row.decode(Int64.self, atIndex: index + 4)) else { return nil }
    return SignedRelation(
      signer: signer, subject: subject,
      type: RelationType(rawValue: UInt16(truncatingIfNeeded: type)),
      timestamp: WallTime(milliseconds: UInt64(clamping: timestamp)), strength: strength,
      certificate: certificate.bytes)
  }
}

extension RowSum {
  fileprivate init(
    _ signer: PermID, _ subject: PermID, _ type: Int64, _ timestamp: Int64, _ strength: Int64,
    _ certificate: RawSpan
  ) {
    self.init()
    let (first, second) = (signer.bytes, subject.bytes)
    add(first.rawSpan)
    add(second.rawSpan)
    add(type)
    add(timestamp)
    add(strength)
    add(certificate)
  }
}
