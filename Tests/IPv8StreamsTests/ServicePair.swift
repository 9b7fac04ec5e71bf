import Glibc
import IPv8Crypto
import IPv8Platform
import IPv8Streams
import IPv8Wire
import Synchronization

/// A service that accepts streams on loopback and one that dials, and what they told.
final class ServicePair: Sendable {
  struct Told: Sendable {
    var events: [StreamEvent] = []
    var datagrams: [(number: UInt32, bytes: [UInt8])] = []
  }

  static let path = "/secret"

  let server: StreamService
  let client: StreamService
  let port: UInt16
  private let told = Mutex((server: Told(), client: Told()))

  init(route: ProxyRoute = ProxyRoute(nil)) throws {
    let told = Box()
    server = StreamService(port: StreamPort(), route: ProxyRoute(nil)) { number, bytes in
      told.pair?.told.withLock { $0.server.datagrams.append((number, bytes)) }
    } report: { event in
      told.pair?.told.withLock { $0.server.events.append(event) }
    }
    client = StreamService(port: StreamPort(), route: route) { number, bytes in
      told.pair?.told.withLock { $0.client.datagrams.append((number, bytes)) }
    } report: { event in
      told.pair?.told.withLock { $0.client.events.append(event) }
    }
    let seed = SecretBytes(copying: [UInt8](repeating: 7, count: 32).rawSpan)
    let socket = try ListeningPort.bind(0)
    port = Self.port(of: socket.number)
    try server.listen(
      on: socket, path: Self.path, certificate: CarrierCertificate(seed: seed))
    told.pair = self
  }

  deinit {
    server.stop()
    client.stop()
  }

  var serverTold: Told { told.withLock { $0.server } }
  var clientTold: Told { told.withLock { $0.client } }

  func address(_ host: String = "localhost") throws -> StreamAddress {
    guard let address = StreamAddress(text: "https://\(host):\(port)") else {
      throw SystemError(.bind, errno: EINVAL)
    }
    return address
  }

  private static func port(of socket: Int32) -> UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(socket, $0, &length) }
    }
    return withUnsafeBytes(of: storage) {
      UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
    }
  }

  /// Written once, before any stream exists.
  private final class Box: @unchecked Sendable {
    weak var pair: ServicePair?
  }
}

/// Waits until `condition` holds; false where it does not within `seconds`.
func eventually(within seconds: Int64 = 10, _ condition: () -> Bool) -> Bool {
  let deadline = SystemClock.now() + .seconds(seconds)
  while !condition() {
    guard SystemClock.now() < deadline else { return false }
    usleep(2_000)
  }
  return true
}
