import IPv8Wire

/// IP packets as local programs would send them.
public enum InnerPacket {
  /// An IPv6 packet of protocol 253 (RFC 3692: for experiments).
  public static func v6(
    from source: OverlayAddress, to destination: OverlayAddress, payload: [UInt8]
  ) -> [UInt8] {
    var bytes: [UInt8] = [0x60, 0, 0, 0]
    bytes.append(bigEndian: UInt16(payload.count))
    bytes += [253, 64]
    bytes.append(bigEndian: source.value)
    bytes.append(bigEndian: destination.value)
    return bytes + payload
  }

  /// An IPv4 packet of protocol 253 with a right header checksum.
  public static func v4(
    from source: IPv4Address, to destination: IPv4Address, payload: [UInt8]
  ) -> [UInt8] {
    var bytes: [UInt8] = [0x45, 0]
    bytes.append(bigEndian: UInt16(IPv4Header.minimumByteCount + payload.count))
    bytes += [0, 0, 0, 0, 64, 253, 0, 0]
    bytes.append(bigEndian: source.value)
    bytes.append(bigEndian: destination.value)
    let checksum = InternetChecksum.fold(InternetChecksum.sum(bytes.rawSpan))
    bytes[IPv4Header.checksumOffset] = UInt8(checksum >> 8)
    bytes[IPv4Header.checksumOffset + 1] = UInt8(checksum & 0xff)
    return bytes + payload
  }
}
