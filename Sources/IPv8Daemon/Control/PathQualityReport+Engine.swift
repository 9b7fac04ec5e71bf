import IPv8Control
import IPv8DataPlane
import IPv8Node
import IPv8Store
import IPv8Wire
import P2TP

/// Which contact relays by an endpoint, and what it is called here.
struct RelayBook {
  private let relays: [PeerIndex: (permID: PermID, name: String?)]

  /// - Parameter names: of contacts; none is empty.
  init(_ peers: [PermID: EngineStatus.Peer], names: [PermID: String]) {
    relays = Dictionary(
      peers.map { ($0.value.index, ($0.key, names[$0.key])) },
      uniquingKeysWith: { first, _ in first })
  }

  subscript(index: PeerIndex) -> (permID: PermID, name: String?)? { relays[index] }
}

extension PathQualityReport {
  /// - Parameters:
  ///   - live: what the engine knows of the contact; nil for nothing yet.
  ///   - mtu: of the interface.
  init(
    _ contact: StoredContact, name: String, live: EngineStatus.Peer?, relays: RelayBook,
    mtu: Int, at now: Timestamp
  ) {
    self.init(
      permID: "\(contact.permID)", name: name, address6: "\(contact.address)",
      address4: contact.alias.map { "\($0.address)" }, mtu: MTUReport(interfaceBytes: mtu))
    guard let live else { return }
    state = PeerReport.State(live.state)
    toPeer = TrafficReport(live.path.toPeer)
    fromPeer = TrafficReport(live.path.fromPeer)
    lastHeardMicroseconds = live.path.lastHeard.map { Int((now - $0).microseconds) }
    guard live.path.isOpen, let endpoint = live.path.endpoint else { return }
    path = PathReport(endpoint, roundTrip: live.path.roundTrip?.smoothed, by: relays)
    rtt = live.path.roundTrip.flatMap { RoundTripReport($0) }
    otherWays = live.path.otherWays.map { way in
      WayReport(
        path: PathReport(way.endpoint, roundTrip: way.roundTrip, by: relays),
        ageMicroseconds: Int((now - way.provenAt).microseconds))
    }
  }
}

extension PeerReport.State {
  init(_ state: PeerState) {
    self =
      switch state {
      case .idle: .idle
      case .opening: .opening
      case .open: .open
      }
  }
}

extension RoundTripReport {
  /// Nil before the first sample.
  init?(_ roundTrip: RoundTrip) {
    guard let smoothed = roundTrip.smoothed, let minimum = roundTrip.minimum,
      let latest = roundTrip.latest
    else { return nil }
    self.init(
      minimumMicroseconds: Int(minimum.microseconds),
      smoothedMicroseconds: Int(smoothed.microseconds),
      variationMicroseconds: Int(roundTrip.variation.microseconds),
      latestMicroseconds: Int(latest.microseconds))
  }
}

extension TrafficReport {
  init(_ lanes: LaneTrafficReport) {
    self.init(
      bytes: Int(clamping: lanes.total.bytes), bitsPerSecond: Int(clamping: lanes.bitsPerSecond),
      arrivedRecords: Int(clamping: lanes.total.records.arrived),
      lostRecords: Int(clamping: lanes.total.records.lost),
      lossRatio: lanes.total.records.lossRatio, recentLossRatio: lanes.recent.lossRatio)
  }
}
