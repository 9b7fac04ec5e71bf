extension TransportLayout {
  /// IPv6 extension headers that are the same before each segment of a large packet, and end in
  /// their next header and their length in units of 8 bytes beyond the first (RFC 8200 §4).
  private static let extensions: [UInt8] = [0, 43, 60]

  /// Whether IPv6 extension headers stand before the transport.
  public var isExtended: Bool { isIPv6 && transport != IPv6Header.byteCount }

  /// The layout of `packet`, in IPv6 behind extension headers too, which chunks do not carry.
  public init?(extended packet: RawSpan) {
    guard case .v6(let header) = IPPacket(packet) else {
      self.init(packet)
      return
    }
    var next = header.nextHeader
    var transport = IPv6Header.byteCount
    while Self.extensions.contains(next), transport + 8 <= packet.byteCount {
      next = packet.bigEndian(UInt8.self, at: transport)
      transport += 8 * (Int(packet.bigEndian(UInt8.self, at: transport + 1)) + 1)
    }
    self.init(packet, isIPv6: true, at: transport, next)
  }
}
