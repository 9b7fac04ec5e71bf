/// The fields of an IP packet's fixed header that the tunnel decides by, checked against the bytes.
public enum IPPacket: Equatable, Sendable {
  case v4(IPv4Header)
  case v6(IPv6Header)

  /// The packet that fills `bytes`; nil where it is no IP packet or its own length field disagrees
  /// with what is there.
  @inlinable
  public init?(_ bytes: RawSpan) {
    guard bytes.byteCount > 0 else { return nil }
    switch bytes.bigEndian(UInt8.self, at: 0) >> 4 {
    case 4:
      guard let header = IPv4Header(bytes) else { return nil }
      self = .v4(header)
    case 6:
      guard let header = IPv6Header(bytes) else { return nil }
      self = .v6(header)
    default: return nil
    }
  }
}

/// The checked fields of an IPv6 fixed header (RFC 8200 §3).
public struct IPv6Header: Equatable, Sendable {
  public static let byteCount = 40
  public static let sourceOffset = 8
  public static let destinationOffset = 24

  public let source: IPv6Address
  public let destination: IPv6Address
  public let nextHeader: UInt8

  @inlinable
  public init?(_ bytes: RawSpan) {
    guard bytes.byteCount >= Self.byteCount, bytes.bigEndian(UInt8.self, at: 0) >> 4 == 6,
      Int(bytes.bigEndian(UInt16.self, at: 4)) == bytes.byteCount - Self.byteCount
    else { return nil }
    source = IPv6Address(bytes.bigEndian(UInt128.self, at: Self.sourceOffset))
    destination = IPv6Address(bytes.bigEndian(UInt128.self, at: Self.destinationOffset))
    nextHeader = bytes.bigEndian(UInt8.self, at: 6)
  }
}

/// The checked fields of an IPv4 header (RFC 791 §3.1).
public struct IPv4Header: Equatable, Sendable {
  public static let minimumByteCount = 20
  public static let sourceOffset = 12
  public static let destinationOffset = 16
  public static let checksumOffset = 10

  public let source: IPv4Address
  public let destination: IPv4Address
  public let `protocol`: UInt8
  /// Bytes of the header with its options.
  public let headerByteCount: Int
  /// Bytes into the original datagram, of a fragment; the transport header is there only at 0.
  public let fragmentOffset: Int
  /// Bytes of header and payload.
  public let totalByteCount: Int

  @inlinable
  public init?(_ bytes: RawSpan) { self.init(bytes, truncated: false) }

  /// - Parameter truncated: accepts a packet of which only the beginning is there, as ICMP errors
  ///   quote them.
  @inlinable
  public init?(_ bytes: RawSpan, truncated: Bool) {
    guard bytes.byteCount >= Self.minimumByteCount else { return nil }
    let first = bytes.bigEndian(UInt8.self, at: 0)
    let headerByteCount = Int(first & 15) * 4
    let total = Int(bytes.bigEndian(UInt16.self, at: 2))
    guard first >> 4 == 4, headerByteCount >= Self.minimumByteCount,
      headerByteCount <= bytes.byteCount, headerByteCount <= total,
      truncated || total == bytes.byteCount
    else { return nil }
    self.headerByteCount = headerByteCount
    totalByteCount = total
    fragmentOffset = Int(bytes.bigEndian(UInt16.self, at: 6) & 0x1fff) * 8
    `protocol` = bytes.bigEndian(UInt8.self, at: 9)
    source = IPv4Address(bytes.bigEndian(UInt32.self, at: Self.sourceOffset))
    destination = IPv4Address(bytes.bigEndian(UInt32.self, at: Self.destinationOffset))
  }
}

/// Protocol numbers (IANA) that the tunnel looks into.
public enum IPProtocol {
  public static let icmp: UInt8 = 1
  public static let tcp: UInt8 = 6
  public static let udp: UInt8 = 17
  public static let dccp: UInt8 = 33
  public static let icmpv6: UInt8 = 58
  public static let udpLite: UInt8 = 136
}
