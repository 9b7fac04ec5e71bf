import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// A host on the simulated internet with our STUN server, honest or not.
final class ServerAgent: NATAgent {
  /// What it says instead of the truth; nil for silence.
  typealias Lie = (Endpoint) -> Endpoint?

  let endpoints: [Endpoint]
  private var server: STUNServer
  private let lie: Lie?
  private let isPeer: Bool
  /// Requests that came in.
  private(set) var requestCount = 0

  /// - Parameter number: its neighbourhood, 1...; two addresses with two ports each, or one of both.
  init(_ number: Int, isWhole: Bool = true, isPeer: Bool = false, lie: Lie? = nil) {
    let network = UInt32(0x2000_0000 + number << 16)
    endpoints =
      isWhole
      ? (0..<4).map {
        Endpoint(.v4(IPv4Address(network + 1 + UInt32($0 / 2))), port: 3478 + UInt16($0 % 2))
      }
      : [Endpoint(.v4(IPv4Address(network + 1)), port: 3478)]
    server = STUNServer(isPublic: false, salt: 1)
    server.setSites(endpoints.enumerated().map { (LocalSocket($0.offset), $0.element) })
    self.lie = lie
    self.isPeer = isPeer
  }

  var addresses: [IPAddress] { endpoints.map(\.address) }
  var reporter: Reporter { Reporter(endpoints[0], isPeer: isPeer) }
  var nextDeadline: Timestamp { server.nextDeadline }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    guard let place = endpoints.firstIndex(of: local) else { return [] }
    requestCount += 1
    var actions: [TraversalAction] = []
    _ = server.receive(
      bytes.rawSpan, from: source, on: LocalSocket(place), isPeer: isPeer, at: now, into: &actions)
    return datagrams(actions)
  }

  func advance(to now: Timestamp) -> [NATDatagram] {
    var actions: [TraversalAction] = []
    server.advance(to: now, into: &actions)
    return datagrams(actions)
  }

  private func datagrams(_ actions: [TraversalAction]) -> [NATDatagram] {
    actions.compactMap { action in
      guard case .send(let bytes, let to, let socket) = action else { return nil }
      var told = bytes
      if let lie, var message = STUNMessage(bytes), let seen = message.xorMapped {
        guard let other = lie(seen) else { return nil }
        message.xorMapped = other
        told = message.bytes(fingerprint: true)
      }
      return NATDatagram(told, from: endpoints[socket.number], to: to)
    }
  }
}
