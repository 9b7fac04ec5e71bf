import IPv8Wire

/// Rewrites the addresses of IPv4 packets between a host's own aliases and those on the wire, as a
/// stateless NAT would (RFC 7915's checksum rules, RFC 5508 for ICMP errors).
public struct AliasTranslation: Sendable, Equatable {
  public let sourceFrom: IPv4Address
  public let sourceTo: IPv4Address
  public let destinationFrom: IPv4Address
  public let destinationTo: IPv4Address

  public init(
    source: (from: IPv4Address, to: IPv4Address),
    destination: (from: IPv4Address, to: IPv4Address)
  ) {
    sourceFrom = source.from
    sourceTo = source.to
    destinationFrom = destination.from
    destinationTo = destination.to
  }

  /// Whether packets pass unchanged.
  public var isIdentity: Bool { sourceFrom == sourceTo && destinationFrom == destinationTo }

  /// Rewrites `packet`, whose checked header is `header`, with all checksums it affects.
  public func apply(to packet: inout MutableRawSpan, _ header: IPv4Header) {
    guard !isIdentity else { return }
    rewrite(
      &packet, at: 0, header, from: (sourceFrom, destinationFrom), to: (sourceTo, destinationTo))
    if header.protocol == IPProtocol.icmp, header.fragmentOffset == 0 {
      rewriteQuote(&packet, header)
    }
  }

  private typealias Pair = (source: IPv4Address, destination: IPv4Address)

  private func rewrite(
    _ packet: inout MutableRawSpan, at start: Int, _ header: IPv4Header, from old: Pair,
    to new: Pair
  ) {
    packet.storeBigEndian(new.source.value, at: start + IPv4Header.sourceOffset)
    packet.storeBigEndian(new.destination.value, at: start + IPv4Header.destinationOffset)
    update(&packet, at: start + IPv4Header.checksumOffset, from: old, to: new)
    guard header.fragmentOffset == 0 else { return }
    let transport = start + header.headerByteCount
    switch header.protocol {
    case IPProtocol.tcp: update(&packet, at: transport + 16, from: old, to: new)
    case IPProtocol.dccp, IPProtocol.udpLite:
      update(&packet, at: transport + 6, from: old, to: new)
    case IPProtocol.udp:
      // Zero means that the sender computed none (RFC 768).
      guard transport + 8 <= packet.byteCount,
        packet.bigEndian(UInt16.self, at: transport + 6) != 0
      else { return }
      update(&packet, at: transport + 6, from: old, to: new)
      if packet.bigEndian(UInt16.self, at: transport + 6) == 0 {
        packet.storeBigEndian(UInt16.max, at: transport + 6)
      }
    default: break
    }
  }

  /// Updates the checksum at `offset`, if it lies within the packet.
  private func update(
    _ packet: inout MutableRawSpan, at offset: Int, from old: Pair, to new: Pair
  ) {
    guard offset + 2 <= packet.byteCount else { return }
    var checksum = packet.bigEndian(UInt16.self, at: offset)
    checksum = InternetChecksum.updated(checksum, from: old.source.value, to: new.source.value)
    checksum = InternetChecksum.updated(
      checksum, from: old.destination.value, to: new.destination.value)
    packet.storeBigEndian(checksum, at: offset)
  }

  /// An ICMP error quotes a packet that went the other way; its addresses change the other way too,
  /// and the ICMP checksum is computed anew because it covers them.
  private func rewriteQuote(_ packet: inout MutableRawSpan, _ header: IPv4Header) {
    let icmp = header.headerByteCount
    let quote = icmp + 8
    guard quote < packet.byteCount,
      [3, 4, 5, 11, 12].contains(packet.bigEndian(UInt8.self, at: icmp)),
      let inner = IPv4Header(
        packet.bytes.extracting(quote..<packet.byteCount), truncated: true),
      inner.source == destinationFrom, inner.destination == sourceFrom
    else { return }
    rewrite(
      &packet, at: quote, inner, from: (inner.source, inner.destination),
      to: (destinationTo, sourceTo))
    packet.storeBigEndian(UInt16(0), at: icmp + 2)
    let sum = InternetChecksum.sum(packet.bytes.extracting(icmp..<packet.byteCount))
    packet.storeBigEndian(InternetChecksum.fold(sum), at: icmp + 2)
  }
}
