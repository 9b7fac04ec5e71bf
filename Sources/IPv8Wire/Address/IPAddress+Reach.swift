/// How far an address reaches, by the IANA special-purpose registries (RFC 6890).
public enum AddressReach: Sendable, Hashable {
  /// No unicast address of a host elsewhere: unspecified, loopback, multicast, broadcast, mapped,
  /// discard-only (100::/64, RFC 6666), a host's own in a network without IPv4 (192.0.0.0/29, RFC 7335).
  case none
  /// One link: 169.254/16, fe80::/10.
  case link
  /// One site: RFC 1918, unique local (RFC 4193).
  case site
  /// One provider: 100.64/10 (RFC 6598).
  case provider
  case global
}

extension IPAddress {
  public var reach: AddressReach {
    switch self {
    case .v4(let address):
      switch address.value >> 24 {
      case 0, 127, 224...255: .none
      case 10: .site
      case 172 where address.value >> 20 == 0xac1: .site
      case 192 where address.value >> 16 == 0xc0a8: .site
      case 192 where address.value >> 3 == 0xc000_0000 >> 3: .none
      case 169 where address.value >> 16 == 0xa9fe: .link
      case 100 where address.value >> 22 == 0x191: .provider
      default: .global
      }
    case .v6(let address):
      switch address.value >> 112 {
      case 0 where address.value < 2 || address.value >> 32 == 0xffff: .none
      case 0x0100 where address.value >> 64 == 0x0100_0000_0000_0000: .none
      case 0xff00...0xffff: .none
      case 0xfe80...0xfebf: .link
      case 0xfc00...0xfdff: .site
      default: .global
      }
    }
  }

  /// The network whose hosts may be one operator's: IPv4 /16, IPv6 /32.
  public var neighbourhood: UInt64 {
    switch self {
    case .v4(let address): UInt64(address.value >> 16)
    case .v6(let address): 1 << 32 | UInt64(truncatingIfNeeded: address.value >> 96)
    }
  }
}
