/// An IPv4 address; the first byte of its text is the most significant.
public struct IPv4Address: Hashable, Sendable, Comparable {
  public let value: UInt32
  @inlinable
  public init(_ value: UInt32) { self.value = value }
  public static func < (a: IPv4Address, b: IPv4Address) -> Bool { a.value < b.value }
}

/// An IPv6 address; the first byte of its text is the most significant.
///
/// Stored as halves: a stored UInt128 makes everything around it 16-byte aligned, and unoptimised
/// code of Swift 6.3 moves such values by aligned instructions to stack slots that are not.
public struct IPv6Address: Hashable, Sendable, Comparable {
  @usableFromInline let high: UInt64
  @usableFromInline let low: UInt64

  @inlinable
  public init(_ value: UInt128) {
    high = UInt64(truncatingIfNeeded: value >> 64)
    low = UInt64(truncatingIfNeeded: value)
  }

  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  @inlinable
  public var value: UInt128 { UInt128(high) << 64 | UInt128(low) }

  public static func < (a: IPv6Address, b: IPv6Address) -> Bool { a.value < b.value }
}

/// An address of either family.
public enum IPAddress: Hashable, Sendable {
  case v4(IPv4Address)
  case v6(IPv6Address)

  /// The address as IPv6, an IPv4 one in its mapped form ::ffff:0:0/96 (RFC 4291 §2.5.5.2).
  public var mapped: UInt128 {
    switch self {
    case .v4(let address): UInt128(0xffff) << 32 | UInt128(address.value)
    case .v6(let address): address.value
    }
  }
}

/// A range of IPv4 addresses in CIDR form; the bits beyond the prefix are zero.
public struct IPv4Prefix: Hashable, Sendable {
  public let address: IPv4Address
  /// 0...32
  public let length: Int

  /// Nil for a length outside 0...32 or where host bits are set.
  public init?(_ address: IPv4Address, length: Int) {
    guard (0...32).contains(length) else { return nil }
    self.address = address
    self.length = length
    guard address.value & ~mask == 0 else { return nil }
  }

  /// The prefix that `address` lies in; traps for a length outside 0...32.
  public init(containing address: IPv4Address, length: Int) {
    precondition((0...32).contains(length), "a prefix length")
    self.length = length
    self.address = IPv4Address(address.value & Self.mask(length))
  }

  private static func mask(_ length: Int) -> UInt32 {
    length == 0 ? 0 : ~0 << UInt32(32 - length)
  }

  private var mask: UInt32 { Self.mask(length) }

  public func contains(_ other: IPv4Address) -> Bool { other.value & mask == address.value }

  public func overlaps(_ other: IPv4Prefix) -> Bool {
    contains(other.address) || other.contains(address)
  }
}

/// A range of IPv6 addresses in CIDR form; the bits beyond the prefix are zero.
public struct IPv6Prefix: Hashable, Sendable {
  public let address: IPv6Address
  /// 0...128
  public let length: Int

  /// Nil for a length outside 0...128 or where host bits are set.
  public init?(_ address: IPv6Address, length: Int) {
    guard (0...128).contains(length) else { return nil }
    self.address = address
    self.length = length
    guard address.value & ~mask == 0 else { return nil }
  }

  /// The prefix that `address` lies in; traps for a length outside 0...128.
  public init(containing address: IPv6Address, length: Int) {
    precondition((0...128).contains(length), "a prefix length")
    self.length = length
    self.address = IPv6Address(address.value & Self.mask(length))
  }

  private static func mask(_ length: Int) -> UInt128 {
    length == 0 ? 0 : ~0 << UInt128(128 - length)
  }

  private var mask: UInt128 { Self.mask(length) }

  public func contains(_ other: IPv6Address) -> Bool { other.value & mask == address.value }

  public func overlaps(_ other: IPv6Prefix) -> Bool {
    contains(other.address) || other.contains(address)
  }
}
