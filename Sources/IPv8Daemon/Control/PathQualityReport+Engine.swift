import IPv8Control
import IPv8Crypto
import IPv8DataPlane
import IPv8Node
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
  ///   - live: what the engine knows of the peer; nil for nothing yet.
  ///   - mtu: of the interface.
  init(
    _ permID: PermID, alias: IPv4Address? = nil, name: String, live: EngineStatus.Peer?,
    relays: RelayBook, mtu: Int, at now: Timestamp
  ) {
    self.init(
      permID: "\(permID)", name: name, address6: "\(OverlayAddress(of: permID))",
      address4: alias.map { "\($0)" }, mtu: MTUReport(interfaceBytes: mtu))
    guard let live else { return }
    state = PeerReport.State(live.state)
    toPeer = TrafficReport(live.path.toPeer)
    fromPeer = TrafficReport(live.path.fromPeer)
    lastHeardMicroseconds = live.path.lastHeard.map { Int((now - $0).microseconds) }
    self.mtu.pathBytes = live.path.pathMTU?.inner
    queue = QueueReport(live.path.queue)
    rate = live.path.rate.flatMap { RateQualityReport($0) }
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

extension QueueReport {
  /// Nil where nothing has waited lately.
  init?(_ lanes: LaneQueueReport) {
    guard lanes.packets > 0 || lanes.delay != nil else { return nil }
    self.init(
      packets: lanes.packets, bytes: lanes.bytes,
      delayMicroseconds: lanes.delay.map { Int($0.microseconds) })
  }
}

extension RateQualityReport {
  /// Nil where nothing is held back.
  init?(_ rate: RateReport) {
    guard rate.state != .observe else { return nil }
    self.init(
      congestionWindowBytes: rate.window, slowStartThresholdBytes: rate.threshold,
      inFlightBytes: rate.bytesInFlight, deliveryBitsPerSecond: Self.bits(rate.deliveryRate),
      pacingBitsPerSecond: rate.pacingRate.map(Self.bits),
      availableBitsPerSecond: Self.bits(rate.availableRate))
  }

  private static func bits(_ bytesPerSecond: Double) -> Int {
    Int(min(max(bytesPerSecond * 8, 0), 1e18))
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
