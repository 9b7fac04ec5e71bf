/// Error messages that the tunnel sends to the local host in the name of its own address.
public enum ICMPError {
  /// Bytes of the offending packet that an IPv6 error quotes: the whole fits in 1280 (RFC 4443 §3).
  static let quoteLimit6 = 1280 - IPv6Header.byteCount - 8
  /// And an IPv4 error: the whole fits in 576 (RFC 1812 §4.3.2.3).
  static let quoteLimit4 = 576 - IPv4Header.minimumByteCount - 8

  /// Why a packet does not reach its destination.
  public enum Reason: Equatable, Sendable {
    /// "Address unreachable" (ICMPv6 type 1 code 3), "host unreachable" (ICMP type 3 code 1).
    case unreachable
    /// "Packet too big" (ICMPv6 type 2), "fragmentation needed" (ICMP type 3 code 4): packets of so many
    /// bytes cross.
    case tooBig(mtu: Int)

    fileprivate var mtu: Int { if case .tooBig(let mtu) = self { mtu } else { 0 } }
  }

  /// The error about `packet`, from `source` to its sender; nil for packets about which none may be sent
  /// (errors, sources or destinations that are no single host, later fragments: RFC 4443 §2.4, RFC 1122
  /// §3.2.2).
  public static func message(
    _ reason: Reason, about packet: RawSpan, from source: IPAddress
  ) -> [UInt8]? {
    switch (IPPacket(packet), source) {
    case (.v6(let header), .v6(let source)): message6(reason, packet, header, source)
    case (.v4(let header), .v4(let source)): message4(reason, packet, header, source)
    default: nil
    }
  }

  private static func message6(
    _ reason: Reason, _ packet: RawSpan, _ header: IPv6Header, _ source: IPv6Address
  ) -> [UInt8]? {
    guard header.source.value >> 120 != 0xff, header.source.value != 0,
      header.destination.value >> 120 != 0xff
    else { return nil }
    if header.nextHeader == IPProtocol.icmpv6, packet.byteCount > IPv6Header.byteCount,
      packet.bigEndian(UInt8.self, at: IPv6Header.byteCount) < 128
    {
      return nil
    }
    let quote = packet.extracting(0..<min(packet.byteCount, quoteLimit6)).copyBytes()
    var message: [UInt8] = reason == .unreachable ? [1, 3, 0, 0] : [2, 0, 0, 0]
    message.append(bigEndian: UInt32(reason.mtu))
    message += quote
    var pseudo: [UInt8] = []
    pseudo.append(bigEndian: source.value)
    pseudo.append(bigEndian: header.source.value)
    pseudo.append(bigEndian: UInt32(message.count))
    pseudo.append(bigEndian: UInt32(IPProtocol.icmpv6))
    let checksum = InternetChecksum.fold(
      InternetChecksum.sum(message.rawSpan, initial: InternetChecksum.sum(pseudo.rawSpan)))
    message[2] = UInt8(checksum >> 8)
    message[3] = UInt8(checksum & 0xff)
    var result: [UInt8] = [0x60, 0, 0, 0]
    result.append(bigEndian: UInt16(message.count))
    result += [IPProtocol.icmpv6, 64]
    result.append(bigEndian: source.value)
    result.append(bigEndian: header.source.value)
    return result + message
  }

  private static func message4(
    _ reason: Reason, _ packet: RawSpan, _ header: IPv4Header, _ source: IPv4Address
  ) -> [UInt8]? {
    // From 224.0.0.0 on lie multicast, class E and broadcast.
    guard header.fragmentOffset == 0, header.source.value != 0, header.source.value >> 24 != 127,
      header.source.value >> 28 < 0xe, header.destination.value >> 28 < 0xe
    else { return nil }
    if header.protocol == IPProtocol.icmp, packet.byteCount > header.headerByteCount,
      ![0, 8, 13, 14].contains(packet.bigEndian(UInt8.self, at: header.headerByteCount))
    {
      return nil
    }
    let quote = packet.extracting(0..<min(packet.byteCount, quoteLimit4)).copyBytes()
    var message: [UInt8] = [3, reason == .unreachable ? 1 : 4, 0, 0]
    message.append(bigEndian: UInt32(UInt16(clamping: reason.mtu)))
    message += quote
    let checksum = InternetChecksum.fold(InternetChecksum.sum(message.rawSpan))
    message[2] = UInt8(checksum >> 8)
    message[3] = UInt8(checksum & 0xff)
    var result: [UInt8] = [0x45, 0]
    result.append(bigEndian: UInt16(IPv4Header.minimumByteCount + message.count))
    result += [0, 0, 0, 0, 64, IPProtocol.icmp, 0, 0]
    result.append(bigEndian: source.value)
    result.append(bigEndian: header.source.value)
    let headerChecksum = InternetChecksum.fold(InternetChecksum.sum(result.rawSpan))
    result[IPv4Header.checksumOffset] = UInt8(headerChecksum >> 8)
    result[IPv4Header.checksumOffset + 1] = UInt8(headerChecksum & 0xff)
    return result + message
  }
}
