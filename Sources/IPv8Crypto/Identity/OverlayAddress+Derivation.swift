import IPv8Wire

extension OverlayAddress {
  private static let personal = [UInt8]("ipv8-addr-v1\0\0\0\0".utf8)

  /// The address of `permID`: `fde8` and the first 14 bytes of BLAKE2b-256 of the PermID under the
  /// personalisation `ipv8-addr-v1` (protocol §5). The same on every machine, for ever.
  public init(of permID: PermID) {
    let digest = BLAKE2b.hash(permID.bytes, count: 32, personal: Self.personal)
    let tail = digest.rawSpan.bigEndian(UInt128.self, at: 0) >> 16
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | tail)) else {
      preconditionFailure("the prefix was put there")
    }
    self = address
  }
}
