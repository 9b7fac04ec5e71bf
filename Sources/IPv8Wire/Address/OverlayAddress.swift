/// The IPv6 address that a peer has in the overlay: `fde8::/16` and 112 bits of its PermID's hash.
///
/// A look-up handle only: the full PermID is proved in each handshake. Derived in IPv8Crypto,
/// the sole maker of new values; the initialiser here takes addresses off packets and text.
public struct OverlayAddress: Hashable, Sendable {
  /// The prefix of all overlay addresses (protocol §5).
  public static let prefix = IPv6Prefix(containing: IPv6Address(0xfde8 << 112), length: 16)

  public let address: IPv6Address

  /// Nil unless `address` lies within ``prefix``.
  public init?(_ address: IPv6Address) {
    guard address.value >> 112 == 0xfde8 else { return nil }
    self.address = address
  }

  public var value: UInt128 { address.value }
}

extension OverlayAddress: CustomStringConvertible {
  public var description: String { address.description }

  public init?(text: some StringProtocol) {
    guard let address = IPv6Address(text: text) else { return nil }
    self.init(address)
  }
}
