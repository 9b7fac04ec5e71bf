/// A way to a peer that is no UDP address of its own.
///
/// Inside one process an ``Endpoint`` in the discard-only prefix 100::/64 (RFC 6666) stands for it,
/// so that handshakes, sessions and paths work over any way without knowing. Such an endpoint is
/// never sent, stored, or believed when it comes from outside.
public enum Carrier: Hashable, Sendable {
  /// Relay datagrams with this tag, by way of that peer.
  case relay(PeerIndex, tag: RelayTag)
  /// An extra UDP socket of this host, which talks to one remote endpoint alone.
  case socket(UInt32)
  /// A stream connection that carries datagrams.
  case stream(UInt32)

  fileprivate static let prefix: UInt64 = 0x0100_0000_0000_0000
  fileprivate static let port: UInt16 = 1

  private static let kindShift: UInt64 = 62
  private static let indexShift: UInt64 = 30
  private static let indexMask: UInt64 = 1 << 32 - 1

  fileprivate var bits: UInt64 {
    switch self {
    case .relay(let index, let tag):
      precondition(index.value >= 0 && index.value <= UInt32.max, "an index of a contact")
      return 1 << Self.kindShift | UInt64(index.value) << Self.indexShift | UInt64(tag.value)
    case .socket(let number): return 2 << Self.kindShift | UInt64(number)
    case .stream(let number): return 3 << Self.kindShift | UInt64(number)
    }
  }

  fileprivate init?(bits: UInt64) {
    let number = UInt32(truncatingIfNeeded: bits)
    switch bits >> Self.kindShift {
    case 1:
      guard let tag = RelayTag(number & RelayTag.mask) else { return nil }
      self = .relay(PeerIndex(Int(bits >> Self.indexShift & Self.indexMask)), tag: tag)
    case 2: self = .socket(number)
    case 3: self = .stream(number)
    default: return nil
    }
  }
}

extension Endpoint {
  public init(_ carrier: Carrier) {
    let address = IPv6Address(high: Carrier.prefix, low: carrier.bits)
    self.init(.v6(address), port: Carrier.port)
  }

  /// What the endpoint stands for; nil for an endpoint of the network.
  public var carrier: Carrier? {
    guard case .v6(let address) = address, isReserved else { return nil }
    return Carrier(bits: address.low)
  }

  /// Whether the address is one of those that stand for carriers: nothing is there in a network.
  @inlinable
  public var isReserved: Bool {
    guard case .v6(let address) = address else { return false }
    return address.high == 0x0100_0000_0000_0000
  }
}

/// What a relay knows one direction of a pair by: 30 random bits, never 0.
public struct RelayTag: Hashable, Sendable {
  public static let mask: UInt32 = 1 << 30 - 1

  public let value: UInt32

  /// Nil for 0 and for more than 30 bits.
  @inlinable
  public init?(_ value: UInt32) {
    guard value != 0, value <= Self.mask else { return nil }
    self.value = value
  }
}
