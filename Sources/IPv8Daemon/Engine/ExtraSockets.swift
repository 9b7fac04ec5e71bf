import IPv8Platform
import IPv8Streams
import IPv8Wire
import Synchronization

/// The extra sockets of hole punching, each towards one remote endpoint, as all threads see them
/// (``Carrier/socket(_:)``).
///
/// The control thread opens and closes them, and hears them while a hole is still being punched; the
/// first lane hears those that sessions take.
final class ExtraSockets: Sendable {
  /// At once; more are not opened.
  static let limit = 512
  /// Datagrams taken of one socket before others have their turn.
  static let batch = 64

  final class Socket: Sendable {
    let side: SideSocket
    let remote: Endpoint

    init(_ side: consuming SideSocket, to remote: Endpoint) {
      self.side = side
      self.remote = remote
    }

    /// The next datagram of the remote endpoint; of others, no bytes. Nil when none waits.
    func receive() -> [UInt8]? {
      side.receive().map { $0.source == remote ? $0.bytes : [] }
    }
  }

  private let sockets = Mutex<[UInt32: Socket]>([:])

  /// Nil where there are too many, or the kernel gives none.
  func open(_ number: UInt32, to remote: Endpoint, by nat64: NAT64Prefix?) -> Socket? {
    guard sockets.withLock({ $0.count < Self.limit }),
      let side = try? SideSocket(
        family: remote.isIPv4 ? .v4 : .v6, by: remote.isIPv4 ? nat64 : nil)
    else { return nil }
    let socket = Socket(side, to: remote)
    sockets.withLock { $0[number] = socket }
    return socket
  }

  /// Who still holds the socket may finish with it.
  func close(_ number: UInt32) -> Socket? { sockets.withLock { $0.removeValue(forKey: number) } }

  subscript(number: UInt32) -> Socket? { sockets.withLock { $0[number] } }

  /// Nil where there is no such socket.
  func send(_ bytes: [UInt8], on number: UInt32) -> SendOutcome? {
    self[number].map { $0.side.send(bytes, to: $0.remote) }
  }
}

/// Where datagrams go that are for carriers.
struct CarrierPorts: Sendable {
  let streams: StreamPort
  let sockets: ExtraSockets
}
