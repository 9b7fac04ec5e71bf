import Foundation

/// A UDP socket on a host, usable from any thread: a socket stays in the namespace where it was
/// made, whatever thread uses it.
final class NamespaceSocket {
  /// A datagram with its IPv4 sender.
  struct Received: Equatable {
    let bytes: [UInt8]
    let address: String
    let port: UInt16
  }

  private let descriptor: Int32

  /// Bound to `port` of every IPv4 address of the host; 0 lets the kernel choose.
  init(on host: Host, port: UInt16 = 0) throws {
    descriptor = try Self.inNamespace(host.namespace) { socket(AF_INET, datagram, 0) }
    var any = Self.address("0.0.0.0", port)
    let result = withUnsafePointer(to: &any) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw LabError.socket("bind", errno: errno) }
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8], to address: String, port: UInt16) throws {
    var target = Self.address(address, port)
    let sent = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard sent == bytes.count else { throw LabError.socket("sendto", errno: errno) }
  }

  /// The next datagram, or nil when none comes within `seconds`.
  func receive(within seconds: Double = 5) -> Received? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, Int32(seconds * 1000)) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var source = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let count = withUnsafeMutablePointer(to: &source) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
      }
    }
    guard count >= 0 else { return nil }
    let octets = withUnsafeBytes(of: source.sin_addr) { Array($0) }
    return Received(
      bytes: Array(buffer[..<count]), address: octets.map(String.init).joined(separator: "."),
      port: UInt16(bigEndian: source.sin_port))
  }

  private static func address(_ text: String, _ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr(text)
    return address
  }

  /// Runs `make` on a thread of its own that has entered the namespace, and ends that thread.
  private static func inNamespace(
    _ namespace: String, _ make: @escaping @Sendable () -> Int32
  ) throws -> Int32 {
    let made = Made()
    let thread = Thread {
      let fd = open("/run/netns/\(namespace)", O_RDONLY | O_CLOEXEC)
      if fd >= 0, setNamespace(fd, cloneNewNet) == 0 { made.value = make() }
      made.error = errno
      close(fd)
      made.done.signal()
    }
    thread.start()
    made.done.wait()
    guard made.value >= 0 else { throw LabError.socket(namespace, errno: made.error) }
    return made.value
  }

  /// Written by one thread before `done`, read by another after it.
  private final class Made: @unchecked Sendable {
    let done = DispatchSemaphore(value: 0)
    var value: Int32 = -1
    var error: Int32 = 0
  }
}

/// `CLONE_NEWNET` of <sched.h>, behind `_GNU_SOURCE` there and so not imported.
private let cloneNewNet: Int32 = 0x4000_0000

/// `setns(2)`, not imported for the same reason.
private func setNamespace(_ descriptor: Int32, _ kind: Int32) -> Int32 {
  typealias SetNamespace = @convention(c) (Int32, Int32) -> Int32
  guard let symbol = dlsym(nil, "setns") else { return -1 }
  return unsafeBitCast(symbol, to: SetNamespace.self)(descriptor, kind)
}

/// The type of a datagram socket that commands do not inherit.
let datagram = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
