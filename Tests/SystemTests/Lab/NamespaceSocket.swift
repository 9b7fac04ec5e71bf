import Foundation

/// A UDP socket on a host, usable from any thread.
final class NamespaceSocket {
  /// A datagram with its sender.
  struct Received: Equatable {
    let bytes: [UInt8]
    let address: String
    let port: UInt16
  }

  private let descriptor: Int32
  private let isIPv6: Bool
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// Bound to `port` of every IPv4 or IPv6 address of the host; 0 lets the kernel choose.
  init(on host: Host, port: UInt16 = 0, isIPv6: Bool = false) throws {
    self.isIPv6 = isIPv6
    descriptor = try host.descriptor { socket(isIPv6 ? AF_INET6 : AF_INET, datagram, 0) }
    let any = isIPv6 ? "::" : "0.0.0.0"
    let result = Self.withAddress(any, port) { bind(descriptor, $0, $1) }
    guard result == 0 else { throw LabError.socket("bind", errno: errno) }
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8], to address: String, port: UInt16) throws {
    let sent = Self.withAddress(address, port) {
      sendto(descriptor, bytes, bytes.count, 0, $0, $1)
    }
    guard sent == bytes.count else { throw LabError.socket("sendto", errno: errno) }
  }

  /// From now on what is sent is cut into datagrams of `size` bytes, by the kernel or whoever does it
  /// for the kernel (UDP_SEGMENT); 0 ends it.
  func cut(at size: Int) throws { try set(17, 103, Int32(size)) }

  /// From now on what is sent bears this traffic class, ECN bits included.
  func mark(_ trafficClass: UInt8) throws {
    try set(isIPv6 ? Int32(IPPROTO_IPV6) : 0, isIPv6 ? IPV6_TCLASS : IP_TOS, Int32(trafficClass))
  }

  /// Room for what arrives before it is fetched, bytes.
  func enlarge(to size: Int32) throws { try set(SOL_SOCKET, SO_RCVBUFFORCE, size) }

  private func set(_ level: Int32, _ option: Int32, _ value: Int32) throws {
    var value = value
    guard setsockopt(descriptor, level, option, &value, 4) == 0 else {
      throw LabError.socket("option \(option)", errno: errno)
    }
  }

  /// The next datagram, or nil when none comes within `seconds`.
  func receive(within seconds: Double = 5) -> Received? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, Int32(seconds * 1000)) == 1 else { return nil }
    var source = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let count = withUnsafeMutablePointer(to: &source) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
      }
    }
    guard count >= 0 else { return nil }
    let (address, port) = Self.text(of: source)
    return Received(bytes: Array(buffer[..<count]), address: address, port: port)
  }

  private static func withAddress(
    _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int
  ) -> Int {
    var storage = sockaddr_storage()
    let bytes = text.addressBytes
    let (family, offset, size) =
      bytes.count == 16
      ? (AF_INET6, 8, MemoryLayout<sockaddr_in6>.size)
      : (AF_INET, 4, MemoryLayout<sockaddr_in>.size)
    storage.ss_family = sa_family_t(family)
    withUnsafeMutableBytes(of: &storage) {
      // Port and address stand at fixed places behind the family.
      $0.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
      UnsafeMutableRawBufferPointer(rebasing: $0[offset...]).copyBytes(from: bytes)
    }
    return withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
    }
  }

  private static func withAddress(
    _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int { withAddress(text, port) { Int(body($0, $1)) } }

  private static func text(of storage: sockaddr_storage) -> (String, UInt16) {
    let isIPv6 = storage.ss_family == sa_family_t(AF_INET6)
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    var port: UInt16 = 0
    withUnsafeBytes(of: storage) {
      port = UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      let address = $0.baseAddress?.advanced(by: isIPv6 ? 8 : 4)
      _ = inet_ntop(
        isIPv6 ? AF_INET6 : AF_INET, address, &text, socklen_t(INET6_ADDRSTRLEN))
    }
    return (String(decoding: text.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self), port)
  }
}

/// The type of a datagram socket that commands do not inherit.
let datagram = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
