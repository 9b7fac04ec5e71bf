import CIPv8Linux
import Glibc

extension FileDescriptor {
  /// An rtnetlink socket that hears the multicast `groups` (RTMGRP_*).
  static func netlink(type: Int32, groups: UInt32) throws(SystemError) -> FileDescriptor {
    let descriptor = try socket(domain: AF_NETLINK, type: type, protocolNumber: NETLINK_ROUTE)
    try checked(.bind, cipv8_netlink_bind(descriptor.number, groups))
    return descriptor
  }
}
