import IPv8Crypto
import IPv8Node
import IPv8Wire

/// A whole peer, node and lane, on the internet of NATs.
public final class NATHost: NATAgent {
  /// Wall-clock time at the internet's start, in milliseconds.
  private static let wallStart: UInt64 = 1_700_000_000_000

  public let host: SimulatedHost
  public private(set) var address: IPAddress
  /// What the host sends, without a delay of its own, until the internet takes it.
  private var outbox = SimulatedNetwork(conditions: .immediate, seed: 0)
  public private(set) var now = Timestamp(nanoseconds: 1_000_000_000_000)

  public init(seed: UInt64, at address: IPAddress, port: UInt16 = 41_641) {
    self.address = address
    host = SimulatedHost(
      seed: seed, endpoint: Endpoint(address, port: port), aeadOffer: .local)
  }

  public func moment(_ now: Timestamp) -> Moment {
    Moment(boot: now, wall: WallTime(milliseconds: Self.wallStart + now.milliseconds))
  }

  // MARK: Acts outside of its turns

  /// Does something with the host at `now`, and returns what it sends.
  public func act(
    at now: Timestamp, _ body: (SimulatedHost, Moment, inout SimulatedNetwork) -> Void
  ) -> [NATDatagram] {
    self.now = now
    body(host, moment(now), &outbox)
    return sent()
  }

  /// Runs inputs of the node itself.
  public func decide(
    at now: Timestamp, _ body: (inout Node, Moment, inout [NodeAction]) -> Void
  ) -> [NATDatagram] {
    act(at: now) { host, moment, network in
      host.decide(at: moment, &network) { node, actions in body(&node, moment, &actions) }
    }
  }

  /// The host is at another address from now on.
  public func move(to address: IPAddress) {
    self.address = address
    host.endpoint = Endpoint(address, port: host.endpoint.port)
  }

  private func sent() -> [NATDatagram] {
    outbox.arrivals(until: .distantFuture).map {
      NATDatagram($0.bytes, from: $0.source, to: $0.destination)
    }
  }

  /// What a datagram's source is to the host; nil where it has no such socket.
  private func seen(_ source: Endpoint, at local: Endpoint) -> Endpoint? {
    if local == host.endpoint { return source }
    let socket = host.sockets.first {
      SimulatedHost.port(ofSocket: $0.key) == local.port && $0.value == source
    }
    return socket.map { Endpoint(.socket($0.key)) }
  }

  // MARK: NATAgent

  public var nextDeadline: Timestamp { host.nextDeadline }

  public func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    guard let source = seen(source, at: local) else { return [] }
    return act(at: now) { host, moment, network in
      host.receive(
        [.init(bytes: bytes, source: source, destination: local)], at: moment, &network)
    }
  }

  public func advance(to now: Timestamp) -> [NATDatagram] {
    act(at: now) { host, moment, network in host.advance(to: moment, &network) }
  }
}
