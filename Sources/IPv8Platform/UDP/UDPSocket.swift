import CIPv8Linux
import Glibc
import IPv8Wire

/// A UDP socket bound to the wildcard address of one family.
///
/// Datagrams are sent whole or not at all: the kernel neither fragments them nor lets path MTU
/// messages, which anyone can forge, shrink what it takes (IP_PMTUDISC_PROBE). One thread uses one
/// value; ``duplicate()`` gives another thread its own on the same port.
public struct UDPSocket: ~Copyable, Sendable {
  public enum Family: Sendable {
    case v4, v6
  }

  /// Asked for in either direction, in bytes.
  public static let bufferSize: Int32 = 4 << 20

  /// Datagrams that are sent as one, at most: the kernel's UDP_MAX_SEGMENTS.
  public static let mergeLimit = 64
  /// And their bytes: with IP and UDP headers below 64 KiB.
  public static let mergedBytes = 65_000

  public let descriptor: FileDescriptor
  public let family: Family
  public let port: UInt16
  /// Whether the kernel joins received datagrams (UDP_GRO).
  public internal(set) var gro: Bool
  /// Whether runs of datagrams are sent as one for the kernel to cut (UDP_SEGMENT). Becomes false
  /// when a device turns out not to do it.
  public internal(set) var gso: Bool
  /// Received datagrams that were empty or did not fit in a slot.
  public internal(set) var discarded: UInt64 = 0

  /// Slots that one receive offers to the kernel.
  var appetite = 4
  var plan: SendPlan
  let inbox: ReceiveBlock

  /// - Parameters:
  ///   - port: 0 lets the kernel choose.
  ///   - shared: whether further sockets of this user may be bound to the same port
  ///     (SO_REUSEPORT); see ``steer(byte:mask:among:)``.
  public init(family: Family, port: UInt16, shared: Bool = false) throws(SocketError) {
    do {
      let domain = family == .v4 ? AF_INET : AF_INET6
      let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let descriptor = try FileDescriptor.socket(domain: domain, type: type, protocolNumber: 0)
      try Self.configure(descriptor, family)
      Self.enlargeBuffers(descriptor)
      if shared { try descriptor.setOption(SOL_SOCKET, SO_REUSEPORT, 1) }
      try checked(.bind, cipv8_udp_bind(descriptor.number, domain, port))
      let bound = UInt16(try checked(.getsockname, cipv8_udp_port(descriptor.number)))
      let gro = Self.accepts(descriptor, SOL_UDP, UDP_GRO, 1)
      let gso = Self.accepts(descriptor, SOL_UDP, UDP_SEGMENT, 0)
      self.init(descriptor, family, port: bound, gro: gro, gso: gso)
    } catch { throw SocketError(error) }
  }

  private init(
    _ descriptor: consuming FileDescriptor, _ family: Family, port: UInt16, gro: Bool, gso: Bool
  ) {
    self.descriptor = descriptor
    self.family = family
    self.port = port
    self.gro = gro
    self.gso = gso
    plan = SendPlan()
    inbox = ReceiveBlock()
  }

  /// Lets the byte at `offset` of each datagram, masked, choose which of the `count` sockets on this
  /// port takes it, in the order in which they were bound.
  public func steer(byte offset: Int, mask: UInt8, among count: Int) throws(SystemError) {
    try checked(
      .setOption,
      cipv8_udp_steer(descriptor.number, UInt32(offset), UInt32(mask), UInt32(count)))
  }

  /// Whether a ``SideSocket`` may be bound to one address of the same port. For no longer than that
  /// takes: other programs might bind there, too.
  public func share(_ isShared: Bool) throws(SystemError) {
    try descriptor.setOption(SOL_SOCKET, SO_REUSEADDR, isShared ? 1 : 0)
  }

  /// The same socket for another thread, with counters of its own.
  public func duplicate() throws(SystemError) -> UDPSocket {
    UDPSocket(try descriptor.duplicate(), family, port: port, gro: gro, gso: gso)
  }

  private static func configure(
    _ descriptor: borrowing FileDescriptor, _ family: Family
  ) throws(SystemError) {
    try descriptor.discoverPathMTU(family)
    switch family {
    case .v4:
      try descriptor.setOption(IPPROTO_IPv4, IP_RECVTOS, 1)
    case .v6:
      try descriptor.setOption(IPPROTO_IPv6, IPV6_V6ONLY, 1)
      try descriptor.setOption(IPPROTO_IPv6, IPV6_RECVTCLASS, 1)
    }
  }

  /// The forced form goes beyond the machine's limits, with CAP_NET_ADMIN.
  private static func enlargeBuffers(_ descriptor: borrowing FileDescriptor) {
    for (forced, plain) in [(SO_RCVBUFFORCE, SO_RCVBUF), (SO_SNDBUFFORCE, SO_SNDBUF)] {
      if !accepts(descriptor, SOL_SOCKET, forced, bufferSize) {
        _ = accepts(descriptor, SOL_SOCKET, plain, bufferSize)
      }
    }
  }

  private static func accepts(
    _ descriptor: borrowing FileDescriptor, _ level: Int32, _ name: Int32, _ value: Int32
  ) -> Bool {
    do {
      try descriptor.setOption(level, name, value)
      return true
    } catch { return false }
  }
}

private let IPPROTO_IPv4 = Int32(IPPROTO_IP)
private let IPPROTO_IPv6 = Int32(IPPROTO_IPV6)

extension FileDescriptor {
  /// Has datagrams sent whole or not at all, whatever routers claim of their path.
  func discoverPathMTU(_ family: UDPSocket.Family) throws(SystemError) {
    switch family {
    case .v4: try setOption(IPPROTO_IPv4, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
    case .v6: try setOption(IPPROTO_IPv6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
    }
  }
}

extension SocketError {
  init(_ error: SystemError) {
    self =
      switch error.errno {
      case EADDRINUSE: .portTaken
      case EAFNOSUPPORT: .familyUnsupported
      case EACCES, EPERM: .notPermitted
      default: .system(error)
      }
  }
}
