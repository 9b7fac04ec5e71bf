import IPv8Platform
import IPv8Traversal
import IPv8Wire

/// The observer of this host's network with its sockets and connections, on one thread's event loop.
struct NetworkWatch: ~Copyable {
  /// Datagrams taken of one socket before others have their turn.
  private static let batch = 64
  /// Sockets and connections at once; more are not opened.
  private static let socketLimit = 128
  private static let exchangeLimit = 8
  /// For a question over TCP.
  private static let exchangePatience = Interval.seconds(5)
  /// The event loop's tokens of sockets and connections, beyond those of others.
  private static let socketTokens: UInt32 = 1 << 20
  private static let exchangeTokens: UInt32 = 1 << 24

  private final class Side {
    let socket: SideSocket
    init(_ socket: consuming SideSocket) { self.socket = socket }
  }

  private final class Exchange {
    var connection: TCPExchange
    let deadline: Timestamp
    init(_ connection: consuming TCPExchange, deadline: Timestamp) {
      self.connection = connection
      self.deadline = deadline
    }
  }

  private(set) var observer: NetworkObserver
  private var sides: [Int: Side] = [:]
  private var exchanges: [Int: Exchange] = [:]
  private var actions: [TraversalAction] = []
  /// What came of actions, which the observer is told next.
  private var opened: [(socket: LocalSocket, family: AddressFamily, port: UInt16)] = []
  private var failed: [Int] = []
  /// Whether ``view`` may be another than the owner knows.
  private(set) var isNews = true
  /// By which IPv4 hosts are reached; nil where that is by IPv4.
  var nat64: NAT64Prefix?

  init(_ observer: consuming NetworkObserver) { self.observer = observer }

  var nextDeadline: Timestamp {
    let exchange = exchanges.values.map(\.deadline).min() ?? .distantFuture
    return min(observer.nextDeadline, exchange)
  }

  /// What is known, where it may have changed since the last call.
  mutating func takeNews() -> NetworkView? {
    guard isNews else { return nil }
    isNews = false
    return observer.view
  }

  /// Tells the observer something; ``carryOut(by:loop:at:)`` then does what it wants.
  mutating func tell(_ body: (inout NetworkObserver, inout [TraversalAction]) -> Void) {
    body(&observer, &actions)
    isNews = true
  }

  var counters: [(name: String, value: UInt64)] {
    let server = observer.counters
    return [
      ("stun.answered", server.answered), ("stun.refused", server.refused),
      ("stun.limited", server.limited),
    ]
  }

  mutating func takeFrames() -> [(index: PeerIndex, frame: ControlFrame)] {
    isNews ? observer.takeFrames() : []
  }

  mutating func takeMeasured() -> LifetimeCache.Entry? { observer.takeMeasured() }

  // MARK: Doing what it wants

  /// - Parameter udp: the sockets of the P2TP port.
  mutating func carryOut(
    by udp: inout UDPSockets, loop: borrowing EventLoop, at now: Timestamp
  ) {
    while !actions.isEmpty {
      let due = actions
      actions.removeAll(keepingCapacity: true)
      for action in due { carryOut(action, by: &udp, loop: loop, at: now) }
      for (socket, family, port) in opened {
        // Every socket sends from the address that the P2TP port does.
        let own = family == .v4 ? observer.network.endpoint4 : observer.network.endpoint6
        guard let address = own?.address else { continue }
        observer.opened(
          socket, at: Endpoint(address, port: port), now: now, into: &actions)
      }
      for number in failed { observer.finished(number, nil, at: now, into: &actions) }
      opened.removeAll(keepingCapacity: true)
      failed.removeAll(keepingCapacity: true)
    }
  }

  private mutating func carryOut(
    _ action: TraversalAction, by udp: inout UDPSockets, loop: borrowing EventLoop,
    at now: Timestamp
  ) {
    switch action {
    case .open(let socket, let family): open(socket, family, loop)
    case .close(let socket): sides[socket.number] = nil
    case .send(let bytes, let destination, let socket):
      if socket == .main {
        udp.send(bytes, to: destination)
      } else {
        // What does not go is sent again, or missed.
        _ = sides[socket.number]?.socket.send(bytes, to: destination)
      }
    case .exchange(let number, let bytes, let endpoint):
      connect(number, bytes, endpoint, loop, at: now)
    }
  }

  private mutating func open(
    _ socket: LocalSocket, _ family: AddressFamily, _ loop: borrowing EventLoop
  ) {
    guard sides.count < Self.socketLimit else { return }
    do {
      let side = try SideSocket(
        family: family == .v4 ? .v4 : .v6, by: family == .v4 ? nat64 : nil)
      let port = side.port
      try adopt(side, as: socket, loop)
      opened.append((socket, family, port))
    } catch {
      // The observer does without a socket that never stands.
    }
  }

  /// Takes a socket that stands.
  mutating func adopt(
    _ side: consuming SideSocket, as socket: LocalSocket, _ loop: borrowing EventLoop
  ) throws(SystemError) {
    try loop.add(
      side.descriptor, token: EventLoop.Token(Self.socketTokens + UInt32(socket.number)))
    sides[socket.number] = Side(side)
  }

  private mutating func connect(
    _ number: Int, _ bytes: [UInt8], _ endpoint: Endpoint, _ loop: borrowing EventLoop,
    at now: Timestamp
  ) {
    guard exchanges.count < Self.exchangeLimit else { return failed.append(number) }
    do throws(SystemError) {
      let connection = try TCPExchange(
        with: endpoint, request: bytes, limit: HTTPResponse.byteLimit)
      try loop.add(connection, token: EventLoop.Token(Self.exchangeTokens + UInt32(number)))
      exchanges[number] = Exchange(connection, deadline: now + Self.exchangePatience)
    } catch { failed.append(number) }
  }

  // MARK: What comes

  /// Takes what waits at what `token` names. Datagrams of the P2TP port that came to another socket
  /// and are no STUN are handed back.
  mutating func receive(_ token: EventLoop.Token, at now: Timestamp) -> [StrayDatagram] {
    if token.value >= Self.exchangeTokens {
      proceed(Int(token.value - Self.exchangeTokens), at: now)
    } else if token.value >= Self.socketTokens {
      return receive(LocalSocket(Int(token.value - Self.socketTokens)), at: now)
    }
    return []
  }

  private mutating func receive(_ socket: LocalSocket, at now: Timestamp) -> [StrayDatagram] {
    var strays: [StrayDatagram] = []
    for _ in 0..<Self.batch {
      guard let (bytes, source) = sides[socket.number]?.socket.receive() else { break }
      guard !bytes.isEmpty, !source.isReserved else { continue }
      if !observer.receive(bytes, from: source, on: socket, at: now, into: &actions) {
        strays.append(StrayDatagram(bytes: bytes, source: source, ecn: 0))
      }
    }
    isNews = true
    return strays
  }

  private mutating func proceed(_ number: Int, at now: Timestamp) {
    guard let exchange = exchanges[number] else { return }
    switch exchange.connection.proceed() {
    case .waiting: break
    case .ended(let answer): finish(number, answer, at: now)
    case .failed: finish(number, nil, at: now)
    }
  }

  private mutating func finish(_ number: Int, _ answer: [UInt8]?, at now: Timestamp) {
    exchanges[number] = nil
    observer.finished(number, answer, at: now, into: &actions)
    isNews = true
  }

  /// Does what time brings.
  mutating func advance(to now: Moment) {
    guard nextDeadline <= now.boot || isNews else { return }
    for (number, exchange) in exchanges where exchange.deadline <= now.boot {
      // A server that does not close has said all it wants to say by now.
      let answer = exchange.connection.answer
      finish(number, answer.isEmpty ? nil : answer, at: now.boot)
    }
    observer.advance(to: now, into: &actions)
    isNews = true
  }
}
