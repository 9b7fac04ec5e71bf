import CIPv8Linux
import Glibc
import IPv8Wire

/// A UDP socket beside that of the sessions, for a few short datagrams.
public struct SideSocket: ~Copyable, Sendable {
  /// Longer datagrams come as no bytes.
  public static let byteLimit = 2048

  public let descriptor: FileDescriptor
  public let port: UInt16
  /// By which IPv4 hosts are reached, where this socket is of IPv6 and they seem to be spoken to by IPv4.
  private let nat64: NAT64Prefix?

  /// On a port of the kernel's choice.
  ///
  /// - Parameter nat64: by which IPv4 hosts are reached; nil where that is by IPv4.
  public init(family: UDPSocket.Family, by nat64: NAT64Prefix? = nil) throws(SocketError) {
    do {
      let family = nat64 == nil ? family : .v6
      let descriptor = try Self.make(family)
      try checked(.bind, cipv8_udp_bind(descriptor.number, Self.domain(family), 0))
      port = UInt16(try checked(.getsockname, cipv8_udp_port(descriptor.number)))
      self.descriptor = descriptor
      self.nat64 = nat64
    } catch { throw SocketError(error) }
  }

  /// On one address and port, which sockets of this process that are bound to all addresses may
  /// have, too (``UDPSocket/share(_:)``): what is sent to that address comes here.
  public init(at endpoint: Endpoint) throws(SocketError) {
    let family: UDPSocket.Family = if case .v4 = endpoint.address { .v4 } else { .v6 }
    do {
      let descriptor = try Self.make(family)
      try checked(.bind, cipv8_udp_bind_beside(descriptor.number, cipv8_endpoint(endpoint)))
      port = endpoint.port
      self.descriptor = descriptor
      nat64 = nil
    } catch { throw SocketError(error) }
  }

  private static func domain(_ family: UDPSocket.Family) -> Int32 {
    family == .v4 ? AF_INET : AF_INET6
  }

  private static func make(_ family: UDPSocket.Family) throws(SystemError) -> FileDescriptor {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = try FileDescriptor.socket(
      domain: domain(family), type: type, protocolNumber: 0)
    if family == .v6 { try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    try descriptor.discoverPathMTU(family)
    return descriptor
  }

  public func send(_ bytes: [UInt8], to destination: Endpoint) -> SendOutcome {
    descriptor.sendDatagram(bytes, to: nat64?.outward(destination) ?? destination)
  }

  /// The next datagram that waits, and its source; nil when none does.
  public func receive() -> (bytes: [UInt8], source: Endpoint)? {
    guard let (bytes, source) = descriptor.receiveDatagram(limit: Self.byteLimit) else {
      return nil
    }
    return (bytes, nat64?.inward(source) ?? source)
  }
}
