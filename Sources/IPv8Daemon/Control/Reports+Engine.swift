import IPv8Control
import IPv8DataPlane
import IPv8Node
import IPv8Wire
import P2TP

extension PeerReport {
  /// Adds what the engine knows of the peer at `now`.
  mutating func add(_ live: EngineStatus.Peer, by relays: RelayBook, at now: Timestamp) {
    state = State(live.state)
    if live.path.isOpen, let endpoint = live.path.endpoint {
      path = PathReport(endpoint, roundTrip: live.path.roundTrip?.smoothed, by: relays)
      path.mtu = live.path.pathMTU.map {
        PathMTUReport(inner: $0.inner, outer: $0.outer, settled: $0.isSettled)
      }
    }
    suite = live.path.suite
    sentBytes = Int(clamping: live.path.toPeer.total.bytes)
    receivedBytes = Int(clamping: live.path.fromPeer.total.bytes)
    lastHeardMilliseconds = live.path.lastHeard.map { Int((now - $0).milliseconds) }
    lossRatio = live.path.lossRatio
  }
}

extension PathReport {
  /// The way to a peer whose datagrams go to `endpoint`.
  init(_ endpoint: Endpoint, roundTrip: Interval?, by relays: RelayBook) {
    let microseconds = roundTrip.map { Int($0.microseconds) }
    switch endpoint.carrier {
    case nil:
      self.init(kind: .direct, endpoint: "\(endpoint)", rttMicroseconds: microseconds)
    case .socket: self.init(kind: .direct, rttMicroseconds: microseconds)
    case .relay(let index, _):
      let relay = relays[index]
      self.init(
        kind: .relayed, via: relay.map { "\($0.permID)" }, viaName: relay?.name,
        rttMicroseconds: microseconds)
    case .stream: self.init(kind: .tcp, rttMicroseconds: microseconds)
    }
  }
}
