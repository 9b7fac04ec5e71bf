import IPv8Platform
import IPv8Traversal
import IPv8Wire

/// LAN discovery with its sockets. A machine may lack a family, or have the port taken: then the
/// other family does.
struct LocalDiscovery: ~Copyable {
  /// Datagrams taken of one socket before others have their turn.
  private static let batch = 64

  /// A contact that was found.
  struct Finding {
    let index: PeerIndex
    let endpoint: Endpoint
  }

  private var discovery: LANDiscovery
  private let v4: LANSocket?
  private let v6: LANSocket?
  private var actions: [LANAction] = []

  /// - Parameters:
  ///   - port: where P2TP is spoken.
  ///   - seed: for jitter.
  init(permID: PermID, port: UInt16, seed: UInt64) {
    discovery = LANDiscovery(permID: permID, port: port, seed: seed)
    v4 = Self.socket(.v4)
    v6 = Self.socket(.v6)
  }

  private static func socket(_ family: UDPSocket.Family) -> LANSocket? {
    do throws(SocketError) {
      return try LANSocket(family: family, port: LANDiscovery.port)
    } catch { return nil }
  }

  func register(with loop: borrowing EventLoop, token: EventLoop.Token) throws(SystemError) {
    try Self.register(v4, with: loop, token)
    try Self.register(v6, with: loop, token)
  }

  private static func register(
    _ socket: borrowing LANSocket?, with loop: borrowing EventLoop, _ token: EventLoop.Token
  ) throws(SystemError) {
    switch socket {
    case .some(let socket): try loop.add(socket.descriptor, token: token)
    case .none: break
    }
  }

  mutating func add(_ contact: PermID, _ index: PeerIndex, at now: Timestamp) {
    discovery.add(contact, index, at: now)
  }

  mutating func remove(_ contact: PermID) { discovery.remove(contact) }

  mutating func search(at now: Timestamp) { discovery.search(at: now) }

  mutating func setNetworks(_ networks: [LANNetwork], at now: Timestamp) {
    for case .v6(let scope) in networks {
      // An interface that went away meanwhile is no fault: its going is the next change.
      try? v6?.join(LANDiscovery.group, on: InterfaceIndex(scope))
    }
    discovery.setNetworks(networks, at: now)
  }

  var nextDeadline: Timestamp { discovery.nextDeadline }

  mutating func advance(to now: Moment) {
    discovery.advance(to: now, into: &actions)
    for case .send(let bytes, let destination) in actions {
      // What does not go is announced again.
      _ =
        destination.isIPv4
        ? v4?.send(bytes, to: destination) : v6?.send(bytes, to: destination)
    }
    actions.removeAll(keepingCapacity: true)
  }

  /// Takes what others announced; the contacts among them.
  mutating func receive(at now: Moment) -> [Finding] {
    for _ in 0..<Self.batch {
      guard let datagram = v4?.receive() ?? nil else { break }
      discovery.receive(
        datagram.bytes.rawSpan, from: datagram.source, at: now, into: &actions)
    }
    for _ in 0..<Self.batch {
      guard let datagram = v6?.receive() ?? nil else { break }
      discovery.receive(
        datagram.bytes.rawSpan, from: datagram.source, at: now, into: &actions)
    }
    defer { actions.removeAll(keepingCapacity: true) }
    return actions.compactMap { action in
      if case .discovered(let index, let endpoint) = action {
        Finding(index: index, endpoint: endpoint)
      } else {
        nil
      }
    }
  }
}
