import CIPv8Linux
import Glibc

/// A TCP port of every address of this machine, both families where it has them.
public enum ListeningPort {
  /// A bound socket, for who listens on it.
  public static func bind(_ port: UInt16) throws(SocketError) -> FileDescriptor {
    do throws(SocketError) {
      return try bind(port, AF_INET6)
    } catch {
      guard error == .familyUnsupported else { throw error }
      return try bind(port, AF_INET)
    }
  }

  private static func bind(_ port: UInt16, _ domain: Int32) throws(SocketError) -> FileDescriptor {
    do {
      let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let descriptor = try FileDescriptor.socket(domain: domain, type: type, protocolNumber: 0)
      // Connections of a daemon that ended just now do not hold the port.
      try descriptor.setOption(SOL_SOCKET, SO_REUSEADDR, 1)
      if domain == AF_INET6 { try descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
      try checked(.bind, cipv8_udp_bind(descriptor.number, domain, port))
      return descriptor
    } catch { throw SocketError(error) }
  }
}
