/// Where the headers of a TCP or UDP packet lie, for packets simple enough to be cut and joined: no
/// fragment, and the transport header right behind the IP header.
public struct TransportLayout: Equatable, Sendable {
  /// Bytes of the longest headers: IPv4 and TCP with all their options.
  public static let headerLimit = 120

  public let isIPv6: Bool
  public let isTCP: Bool
  /// Bytes to the transport header.
  public let transport: Int
  /// Bytes to the payload.
  public let headerLength: Int

  /// Nil for any other packet, or one whose headers do not fit in `packet`.
  @inlinable
  public init?(_ packet: RawSpan) {
    switch IPPacket(packet) {
    case .v6(let header):
      self.init(packet, isIPv6: true, at: IPv6Header.byteCount, header.nextHeader)
    case .v4(let header):
      // More fragments, or an offset.
      guard packet.bigEndian(UInt16.self, at: 6) & 0x3fff == 0 else { return nil }
      self.init(packet, isIPv6: false, at: header.headerByteCount, header.protocol)
    case nil: return nil
    }
  }

  /// The transport of the kind `number` at `transport`.
  @inlinable
  init?(_ packet: RawSpan, isIPv6: Bool, at transport: Int, _ number: UInt8) {
    self.isIPv6 = isIPv6
    self.transport = transport
    switch number {
    case IPProtocol.tcp:
      guard packet.byteCount >= transport + 20 else { return nil }
      let length = Int(packet.bigEndian(UInt8.self, at: transport + 12) >> 4) * 4
      guard length >= 20, packet.byteCount >= transport + length else { return nil }
      (isTCP, headerLength) = (true, transport + length)
    case IPProtocol.udp:
      guard packet.byteCount >= transport + 8 else { return nil }
      (isTCP, headerLength) = (false, transport + 8)
    default: return nil
    }
  }

  /// Whether the IP header of `packet`, which has this layout, says that it is `byteCount` long.
  @inlinable
  public func hasLength(_ byteCount: Int, in packet: RawSpan) -> Bool {
    let length = Int(packet.bigEndian(UInt16.self, at: isIPv6 ? 4 : 2))
    return length == (isIPv6 ? byteCount - IPv6Header.byteCount : byteCount)
  }

  /// Bytes from the transport header to its checksum.
  @inlinable public var checksumOffset: Int { isTCP ? 16 : 6 }
}

extension MutableRawSpan {
  /// Sets the length fields of the packet that fills this span, its IPv4 header checksum, and its
  /// transport checksum to the sum of the pseudo-header (RFC 9293 §3.1): what a kernel expects of a
  /// packet whose checksum it is to complete.
  public mutating func setPartialChecksum(_ layout: TransportLayout) {
    let length = byteCount - layout.transport
    var sum: UInt64
    if layout.isIPv6 {
      storeBigEndian(UInt16(byteCount - IPv6Header.byteCount), at: 4)
      sum = InternetChecksum.sum(bytes.extracting(IPv6Header.sourceOffset..<IPv6Header.byteCount))
    } else {
      storeBigEndian(UInt16(byteCount), at: 2)
      storeBigEndian(UInt16(0), at: IPv4Header.checksumOffset)
      let header = InternetChecksum.sum(bytes.extracting(0..<layout.transport))
      storeBigEndian(InternetChecksum.fold(header), at: IPv4Header.checksumOffset)
      sum = InternetChecksum.sum(
        bytes.extracting(IPv4Header.sourceOffset..<IPv4Header.minimumByteCount))
    }
    if !layout.isTCP { storeBigEndian(UInt16(length), at: layout.transport + 4) }
    sum += UInt64(length) + UInt64(layout.isTCP ? IPProtocol.tcp : IPProtocol.udp)
    storeBigEndian(~InternetChecksum.fold(sum), at: layout.transport + layout.checksumOffset)
  }

  /// Sets the length fields and all checksums of the packet that fills this span.
  public mutating func setFullChecksum(_ layout: TransportLayout) {
    setPartialChecksum(layout)
    _ = completeChecksum(start: layout.transport, offset: layout.checksumOffset)
  }

  /// Completes a checksum that covers the pseudo-header so far: the sum from `start` to the end,
  /// stored `offset` bytes behind `start`. False where they do not lie within.
  public mutating func completeChecksum(start: Int, offset: Int) -> Bool {
    guard start >= 0, offset >= 0, start + offset + 2 <= byteCount else { return false }
    let sum = InternetChecksum.fold(InternetChecksum.sum(bytes.extracting(start..<byteCount)))
    // Zero would say that a UDP sender computed none (RFC 768); for TCP both mean the same.
    storeBigEndian(sum == 0 ? UInt16.max : sum, at: start + offset)
    return true
  }
}
