import Foundation
import GRDB
import IPv8Records
import IPv8Wire

/// A row of table `binding` of the records, beside its PermID.
struct BindingRow {
  private let permID: PermID
  let ipv4: Int64
  let port: Int64
  let ipv6: [UInt8]?
  let port6: Int64
  let timestamp: Int64
  let certificate: [UInt8]

  init(_ binding: SignedBinding) {
    let record = binding.record
    permID = record.permID
    if case .v4(let address) = record.endpoint4?.address {
      ipv4 = Int64(address.value)
    } else {
      ipv4 = 0
    }
    port = Int64(record.endpoint4?.port ?? 0)
    ipv6 = record.endpoint6.map { endpoint in
      var bytes: [UInt8] = []
      bytes.append(bigEndian: endpoint.address.mapped)
      return bytes
    }
    port6 = Int64(record.endpoint6?.port ?? 0)
    timestamp = record.timestamp.column
    certificate = binding.certificate
  }

  var sum: Int64 {
    var sum = RowSum()
    let id = permID.bytes
    sum.add(id.rawSpan)
    sum.addFields(ipv4, port, port6, timestamp)
    if let ipv6 { sum.add(ipv6.rawSpan) }
    sum.add(certificate.rawSpan)
    return sum.column
  }

  /// The columns that ``binding(_:from:)`` reads, in their order.
  static let columns = "perm_id, ipv4, port, ipv6, port6, timestamp, certificate, sum"
  static let columnCount = 8

  /// The record of a row with ``columns`` from `index` on; nil where it is not what was stored.
  static func binding(_ row: Row, from index: Int = 0) throws -> SignedBinding? {
    let id = try row.decode(Data.self, atIndex: index)
    let ipv4 = try row.decode(Int64.self, atIndex: index + 1)
    let port = try row.decode(Int64.self, atIndex: index + 2)
    let ipv6 = try row.decode(Data?.self, atIndex: index + 3)
    let port6 = try row.decode(Int64.self, atIndex: index + 4)
    let timestamp = try row.decode(Int64.self, atIndex: index + 5)
    let certificate = try row.decode(Data.self, atIndex: index + 6)
    var sum = RowSum()
    sum.add(id.bytes)
    sum.addFields(ipv4, port, port6, timestamp)
    if let ipv6 { sum.add(ipv6.bytes) }
    sum.add(certificate.bytes)
    guard sum.column == (try row.decode(Int64.self, atIndex: index + 7)),
      id.count == PermID.byteCount,
      ipv6 == nil || ipv6?.count == 16, let permID = PermID(id.bytes)
    else { return nil }
    return SignedBinding(
      permID: permID,
      endpoint4: ipv4 == 0 && port == 0
        ? nil
        : Endpoint(
          .v4(IPv4Address(UInt32(truncatingIfNeeded: ipv4))), port: UInt16(truncatingIfNeeded: port)
        ),
      endpoint6: ipv6.map {
        Endpoint(
          .v6(IPv6Address($0.bytes.bigEndian(UInt128.self, at: 0))),
          port: UInt16(truncatingIfNeeded: port6))
      },
      timestamp: WallTime(milliseconds: UInt64(clamping: timestamp)),
      certificate: certificate.bytes)
  }
}

extension RowSum {
  fileprivate mutating func addFields(
    _ ipv4: Int64, _ port: Int64, _ port6: Int64, _ timestamp: Int64
  ) {
    add(ipv4 << 32 | port << 16 | port6)
    add(timestamp)
  }
}
