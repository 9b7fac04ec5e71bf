import IPv8Control
import IPv8DataPlane
import IPv8Node
import IPv8Wire

extension PeerReport {
  /// Adds what the engine knows of the peer at `now`.
  mutating func add(
    _ live: EngineStatus.Peer, among peers: [PermID: EngineStatus.Peer], at now: Timestamp
  ) {
    state =
      switch live.state {
      case .idle: .idle
      case .opening: .opening
      case .open: .open
      }
    if live.path.isOpen, let endpoint = live.path.endpoint {
      path = PathReport(endpoint, roundTrip: live.path.roundTrip, among: peers)
      path.mtu = live.path.pathMTU.map {
        PathMTUReport(inner: $0.inner, outer: $0.outer, settled: $0.isSettled)
      }
    }
    suite = live.path.suite
    sentBytes = Int(clamping: live.path.sentBytes)
    receivedBytes = Int(clamping: live.path.receivedBytes)
    lastHeardMilliseconds = live.path.lastHeard.map { Int((now - $0).milliseconds) }
    lossRatio = live.path.lossRatio
  }
}

extension PathReport {
  /// The way to a peer whose datagrams go to `endpoint`.
  init(
    _ endpoint: Endpoint, roundTrip: Interval?, among peers: [PermID: EngineStatus.Peer]
  ) {
    let microseconds = roundTrip.map { Int($0.microseconds) }
    switch endpoint.carrier {
    case nil:
      self.init(kind: .direct, endpoint: "\(endpoint)", rttMicroseconds: microseconds)
    case .socket: self.init(kind: .direct, rttMicroseconds: microseconds)
    case .relay(let index, _):
      let relay = peers.first { $0.value.index == index }?.key
      self.init(kind: .relayed, via: relay.map { "\($0)" }, rttMicroseconds: microseconds)
    case .stream: self.init(kind: .tcp, rttMicroseconds: microseconds)
    }
  }
}
