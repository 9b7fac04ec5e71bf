import CIPv8Linux
import Glibc

/// Tells that links, addresses or routes of this machine changed, those of its own making too.
public struct NetworkMonitor: ~Copyable, Sendable {
  /// Readable when something changed.
  public let descriptor: FileDescriptor
  private var buffer = [UInt8](repeating: 0, count: 4_096)

  public init() throws(SystemError) {
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE
      | RTMGRP_IPV6_ROUTE
    descriptor = try FileDescriptor.netlink(type: type, groups: UInt32(groups))
  }

  /// Takes all that waits; whether something changed. Lost messages (ENOBUFS) count as a change.
  public mutating func drain() throws(SystemError) -> Bool {
    var changed = false
    while true {
      do {
        _ = try descriptor.receive(into: &buffer)
      } catch {
        if error.errno == EAGAIN { return changed }
        if error.errno != ENOBUFS { throw error }
      }
      changed = true
    }
  }
}
