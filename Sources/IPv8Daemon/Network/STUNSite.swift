import IPv8Platform
import IPv8Traversal
import IPv8Wire
import Synchronization

/// One of four endpoints that STUN is answered from (RFC 5780): two addresses, the P2TP port and the
/// next one.
final class STUNSite: Sendable {
  let number: LocalSocket
  let endpoint: Endpoint
  private let socket: Mutex<SideSocket?>

  private init(_ number: LocalSocket, _ endpoint: Endpoint, _ socket: consuming SideSocket?) {
    self.number = number
    self.endpoint = endpoint
    self.socket = Mutex(socket)
  }

  /// The socket, once; nil for the first site, which is the P2TP port's own.
  func takeSocket() -> SideSocket? { socket.withLock { $0.take() } }

  /// - Parameter addresses: two; with none there are no sites. The first is the one that packets
  ///   leave with.
  static func open(_ addresses: [IPAddress], port: UInt16) throws(SocketError) -> [STUNSite] {
    var sites: [STUNSite] = []
    for address in addresses {
      for port in [port, port &+ 1] {
        let endpoint = Endpoint(address, port: port)
        let number = LocalSocket(sites.count)
        sites.append(
          number == .main
            ? STUNSite(number, endpoint, nil)
            : STUNSite(number, endpoint, try SideSocket(at: endpoint)))
      }
    }
    return sites
  }
}
