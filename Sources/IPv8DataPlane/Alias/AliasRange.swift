import IPv8Crypto
import IPv8Wire

/// Which local IPv4 addresses stand for peers (protocol §5): candidates derived from a PermID, in
/// the order in which a host tries them.
public struct AliasRange: Sendable, Equatable {
  /// Where addresses on the wire come from, whatever range a host uses for itself.
  public static let canonical = AliasRange(
    IPv4Prefix(containing: IPv4Address(0x6440_0000), length: 10))
  /// Tried per peer; beyond it the peer has no alias.
  public static let attempts: UInt32 = 256
  /// Chrome OS uses these 512 addresses itself.
  static let reserved = IPv4Prefix(containing: IPv4Address(0x6473_5c00), length: 23)

  public let prefix: IPv4Prefix

  public init(_ prefix: IPv4Prefix) { self.prefix = prefix }

  /// The `index`-th candidate for `permID`: the prefix and the first bits of BLAKE2b-256 of
  /// "ipv8-v4" ‖ PermID ‖ index. Nil for the range's first and last address and reserved ones.
  public func candidate(for permID: PermID, index: UInt32) -> IPv4Address? {
    var message = [UInt8]("ipv8-v4".utf8) + permID.bytes
    message.append(bigEndian: index)
    let digest = BLAKE2b.hash(message, count: 32).rawSpan.bigEndian(UInt32.self, at: 0)
    let hostBits = UInt32(32 - prefix.length)
    guard hostBits > 1 else { return nil }
    let mask: UInt32 = hostBits == 32 ? .max : 1 << hostBits - 1
    let host = digest >> (32 - hostBits)
    let address = IPv4Address(prefix.address.value | host)
    guard host != 0, host != mask, !Self.reserved.contains(address) else { return nil }
    return address
  }

  /// The first candidate that is not excluded, with its index; nil where none is free.
  public func alias(
    for permID: PermID, excluding isTaken: (IPv4Address) -> Bool
  ) -> (address: IPv4Address, index: UInt32)? {
    for index in 0..<Self.attempts {
      if let address = candidate(for: permID, index: index), !isTaken(address) {
        return (address, index)
      }
    }
    return nil
  }

  /// The address that stands for `permID` inside the tunnel; the same on every machine.
  public static func wireAlias(of permID: PermID) -> IPv4Address {
    // Only reserved or outermost addresses are passed over, so some early candidate stands.
    canonical.alias(for: permID, excluding: { _ in false })?.address ?? canonical.prefix.address
  }
}
