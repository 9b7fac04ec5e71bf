import Foundation
import GRDB
import IPv8Wire

/// A value in a row that its column's type admits and its meaning does not.
struct MalformedRow: Error {}

extension Row {
  func permID(_ column: String) throws -> PermID {
    guard let bytes = try? decode(Data.self, forColumn: column), let permID = PermID([UInt8](bytes))
    else {
      throw MalformedRow()
    }
    return permID
  }

  /// From the 14 bytes behind the overlay's prefix.
  func overlayAddress(_ column: String) throws -> OverlayAddress {
    guard let bytes = try? decode(Data.self, forColumn: column), bytes.count == 14,
      let address = OverlayAddress(IPv6Address(0xfde8 << 112 | bigEndian(bytes)))
    else { throw MalformedRow() }
    return address
  }

  func ipv4(_ column: String) -> IPv4Address? {
    let value: Int64? = self[column]
    return value.flatMap { $0 == 0 ? nil : IPv4Address(UInt32(truncatingIfNeeded: $0)) }
  }

  func ipv6(_ column: String) -> IPv6Address? {
    let bytes: Data? = self[column]
    return bytes.map { IPv6Address(bigEndian($0)) }
  }

  func port(_ column: String) -> UInt16 {
    let value: Int64? = self[column]
    return UInt16(truncatingIfNeeded: value ?? 0)
  }

  func wallTime(_ column: String) -> WallTime? {
    let value: Int64? = self[column]
    return value.map { WallTime(milliseconds: UInt64(clamping: $0)) }
  }
}

private func bigEndian(_ bytes: Data) -> UInt128 {
  bytes.reduce(0) { $0 << 8 | UInt128($1) }
}

extension OverlayAddress {
  /// The 14 bytes behind the overlay's prefix, as column `addr` holds them.
  var column: Data { address.column.dropFirst(2) }
}

extension IPv6Address {
  var column: Data {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: value)
    return Data(bytes)
  }
}

extension PermID {
  var column: Data { Data(bytes) }
}

extension WallTime {
  var column: Int64 { Int64(clamping: milliseconds) }
}
