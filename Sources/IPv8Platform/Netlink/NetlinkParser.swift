import CIPv8Linux
import Glibc
import IPv8Wire

/// The bodies of rtnetlink messages (rtnetlink(7)). Total: nil for whatever is malformed or of no
/// interest here, never a trap.
public enum NetlinkParser {
  /// The errno of an NLMSG_ERROR body, 0 for an acknowledgement.
  public static func errorCode(_ body: RawSpan) -> Int32? {
    // The kernel never sends a positive number; negating Int32.min would trap.
    guard let code = body.native(Int32.self, at: 0), code <= 0, code > .min else { return nil }
    return -code
  }

  /// The address of an RTM_NEWADDR body: `ifaddrmsg` (family, prefix length, flags, scope, 32-bit
  /// index; 8 bytes) and IFA_* attributes.
  public static func address(_ body: RawSpan) -> InterfaceAddress? {
    guard let family = body.native(UInt8.self, at: 0),
      let prefixLength = body.native(UInt8.self, at: 1),
      let shortFlags = body.native(UInt8.self, at: 2), let scope = body.native(UInt8.self, at: 3),
      let index = body.native(UInt32.self, at: 4)
    else { return nil }
    var address: IPAddress?
    var local: IPAddress?
    var flags = UInt32(shortFlags)
    var attributes = NetlinkAttributes(body, from: 8)
    while let (type, payload) = attributes.next() {
      switch type {
      case IFA_ADDRESS: address = ipAddress(body.extracting(payload), family)
      case IFA_LOCAL: local = ipAddress(body.extracting(payload), family)
      case IFA_FLAGS: flags = body.extracting(payload).native(UInt32.self, at: 0) ?? flags
      default: break
      }
    }
    // On a point-to-point interface IFA_ADDRESS is the other end's.
    guard let address = local ?? address, Int(prefixLength) <= address.bitWidth else { return nil }
    let unusable = UInt32(IFA_F_TENTATIVE | IFA_F_DADFAILED | IFA_F_DEPRECATED)
    return InterfaceAddress(
      interface: InterfaceIndex(index), address: address, prefixLength: Int(prefixLength),
      scope: .init(scope), isUnusable: flags & unusable != 0,
      // The same bit means a secondary address in IPv4.
      isTemporary: address.family == AF_INET6 && flags & UInt32(IFA_F_TEMPORARY) != 0)
  }

  /// The route of an RTM_NEWROUTE body: `rtmsg` (family, destination length, source length, TOS,
  /// table, protocol, scope, type, 32-bit flags; 12 bytes) and RTA_* attributes. Nil unless it is a
  /// unicast route of the main table for any source and TOS.
  public static func route(_ body: RawSpan) -> Route? {
    guard let family = body.native(UInt8.self, at: 0), let length = body.native(UInt8.self, at: 1),
      body.native(UInt8.self, at: 2) == 0, body.native(UInt8.self, at: 3) == 0,
      body.native(UInt8.self, at: 4) == UInt8(RT_TABLE_MAIN.rawValue),
      body.native(UInt8.self, at: 7) == UInt8(RTN_UNICAST),
      let flags = body.native(UInt32.self, at: 8), flags & UInt32(RTM_F_CLONED) == 0
    else { return nil }
    var destination = unspecified(family)
    var interface: InterfaceIndex?
    var gateway: IPAddress?
    var metric: UInt32 = 0
    var attributes = NetlinkAttributes(body, from: 12)
    while let (type, range) = attributes.next() {
      let payload = body.extracting(range)
      switch type {
      case Int(RTA_DST.rawValue): destination = ipAddress(payload, family)
      case Int(RTA_OIF.rawValue):
        interface = payload.native(UInt32.self, at: 0).map { InterfaceIndex($0) }
      case Int(RTA_GATEWAY.rawValue): gateway = ipAddress(payload, family)
      case Int(RTA_PRIORITY.rawValue): metric = payload.native(UInt32.self, at: 0) ?? 0
      default: break
      }
    }
    guard let prefix = destination.flatMap({ prefix($0, length: Int(length)) }) else { return nil }
    return Route(destination: prefix, interface: interface, gateway: gateway, metric: metric)
  }

  /// The link of an RTM_NEWLINK body: `ifinfomsg` (family, padding, 16-bit type, 32-bit index,
  /// flags and change mask; 16 bytes) and IFLA_* attributes.
  public static func link(_ body: RawSpan) -> Link? {
    guard let index = body.native(UInt32.self, at: 4), let flags = body.native(UInt32.self, at: 8)
    else { return nil }
    var name: String?
    var mtu: UInt32 = 0
    var attributes = NetlinkAttributes(body, from: 16)
    while let (type, range) = attributes.next() {
      let payload = body.extracting(range)
      switch type {
      case IFLA_IFNAME: name = text(payload)
      case IFLA_MTU: mtu = payload.native(UInt32.self, at: 0) ?? 0
      default: break
      }
    }
    guard let name else { return nil }
    return Link(
      interface: InterfaceIndex(index), name: name, mtu: Int(mtu),
      isUp: flags & UInt32(IFF_UP) != 0, isLoopback: flags & UInt32(IFF_LOOPBACK) != 0,
      isBroadcast: flags & UInt32(IFF_BROADCAST) != 0)
  }

  /// The neighbour of an RTM_NEWNEIGH body: `ndmsg` (family, 3 bytes of padding, 32-bit index, 16-bit
  /// state, flags, type; 12 bytes) and NDA_* attributes. Nil where its hardware address is not known.
  public static func neighbour(_ body: RawSpan) -> Neighbour? {
    guard let family = body.native(UInt8.self, at: 0), let index = body.native(UInt32.self, at: 4),
      body.native(UInt32.self, at: 8) != nil
    else { return nil }
    var address: IPAddress?
    var hardware: [UInt8] = []
    var attributes = NetlinkAttributes(body, from: 12)
    while let (type, range) = attributes.next() {
      switch type {
      case Int(NDA_DST): address = ipAddress(body.extracting(range), family)
      case Int(NDA_LLADDR): hardware = body.extracting(range).copyBytes()
      default: break
      }
    }
    guard let address, !hardware.isEmpty, hardware.count <= Neighbour.hardwareLimit else {
      return nil
    }
    return Neighbour(
      interface: InterfaceIndex(index), address: address, hardwareAddress: hardware)
  }

  private static func ipAddress(_ bytes: RawSpan, _ family: UInt8) -> IPAddress? {
    switch (Int32(family), bytes.byteCount) {
    case (AF_INET, 4): .v4(IPv4Address(bytes.bigEndian(UInt32.self, at: 0)))
    case (AF_INET6, 16): .v6(IPv6Address(bytes.bigEndian(UInt128.self, at: 0)))
    default: nil
    }
  }

  private static func unspecified(_ family: UInt8) -> IPAddress? {
    switch Int32(family) {
    case AF_INET: .v4(IPv4Address(0))
    case AF_INET6: .v6(IPv6Address(0))
    default: nil
    }
  }

  private static func prefix(_ address: IPAddress, length: Int) -> IPPrefix? {
    switch address {
    case .v4(let address): IPv4Prefix(address, length: length).map { .v4($0) }
    case .v6(let address): IPv6Prefix(address, length: length).map { .v6($0) }
    }
  }

  /// The text before the terminating zero.
  private static func text(_ bytes: RawSpan) -> String? {
    String(validating: bytes.copyBytes().prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension InterfaceAddress.Scope {
  /// RT_SCOPE_* of linux/rtnetlink.h.
  fileprivate init(_ value: UInt8) {
    self =
      switch value {
      case 200: .site
      case 253: .link
      case 254, 255: .host
      default: .global
      }
  }
}
