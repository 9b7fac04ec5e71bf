import CIPv8Linux
import Glibc
import IPv8Wire

/// A UDP socket on a port that every program on this host may share: each gets its own copy of what
/// is broadcast or multicast. For short datagrams now and then.
public struct LANSocket: ~Copyable, Sendable {
  /// Longer datagrams than this are dropped.
  public static let byteLimit = 64

  public let descriptor: FileDescriptor

  public init(family: UDPSocket.Family, port: UInt16) throws(SocketError) {
    do {
      let domain = family == .v4 ? AF_INET : AF_INET6
      let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let descriptor = try FileDescriptor.socket(domain: domain, type: type, protocolNumber: 0)
      try descriptor.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
      switch family {
      case .v4: try descriptor.setOption(SOL_SOCKET, SO_BROADCAST, 1)
      case .v6:
        try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
        // Else what other programs joined would come here, too.
        try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_MULTICAST_ALL, 0)
      }
      try checked(.bind, cipv8_udp_bind(descriptor.number, domain, port))
      self.descriptor = descriptor
    } catch { throw SocketError(error) }
  }

  /// Takes part in `group` on one interface. Doing so twice does no harm.
  public func join(_ group: IPv6Address, on interface: InterfaceIndex) throws(SystemError) {
    var membership = ipv6_mreq()
    membership.ipv6mr_interface = interface.value
    // Sound: an IPv6 address has 16 bytes, in network order.
    unsafe withUnsafeMutableBytes(of: &membership.ipv6mr_multiaddr) { bytes in
      unsafe bytes.storeBytes(of: group.value.bigEndian, as: UInt128.self)
    }
    let number = descriptor.number
    do throws(SystemError) {
      try retrying(.setOption) {
        // Sound: the size given is that of the value pointed to.
        unsafe setsockopt(
          number, Int32(IPPROTO_IPV6), IPV6_JOIN_GROUP, &membership,
          socklen_t(MemoryLayout<ipv6_mreq>.size))
      }
    } catch { if error.errno != EADDRINUSE { throw error } }
  }

  public func send(_ bytes: [UInt8], to destination: Endpoint) -> SendOutcome {
    descriptor.sendDatagram(bytes, to: destination)
  }

  /// The next datagram that waits, and its source; nil when none does. One longer than
  /// ``byteLimit`` comes as no bytes.
  public func receive() -> (bytes: [UInt8], source: Endpoint)? {
    descriptor.receiveDatagram(limit: Self.byteLimit)
  }
}
