/// How good the path to a peer is, for programs that choose by it. Times in microseconds, rates in
/// bits per second.
public struct PathQualityReport: Codable, Equatable, Sendable {
  public var permID: String
  /// The petname; without one the name that the peer gives itself; empty without either.
  public var name: String
  /// The overlay address.
  public var address6: String
  /// The local IPv4 alias.
  public var address4: String?
  public var state: PeerReport.State
  /// How packets reach the peer now.
  public var path: PathReport
  /// Nil without an open session, and before the first sample.
  public var rtt: RoundTripReport?
  public var toPeer: TrafficReport
  public var fromPeer: TrafficReport
  /// Time since the last authentic datagram.
  public var lastHeardMicroseconds: Int?
  public var mtu: MTUReport
  /// What the session's rate control knows; nil where it has none.
  public var rate: RateQualityReport?
  /// What waits here for leave to be sent; nil where nothing is held back.
  public var queue: QueueReport?
  /// Ways beside the current one that the peer answered by, the latest first.
  public var otherWays: [WayReport]

  public init(
    permID: String, name: String, address6: String, address4: String? = nil,
    state: PeerReport.State = .idle, path: PathReport = .none, rtt: RoundTripReport? = nil,
    toPeer: TrafficReport = TrafficReport(), fromPeer: TrafficReport = TrafficReport(),
    lastHeardMicroseconds: Int? = nil, mtu: MTUReport, rate: RateQualityReport? = nil,
    queue: QueueReport? = nil, otherWays: [WayReport] = []
  ) {
    self.permID = permID
    self.name = name
    self.address6 = address6
    self.address4 = address4
    self.state = state
    self.path = path
    self.rtt = rtt
    self.toPeer = toPeer
    self.fromPeer = fromPeer
    self.lastHeardMicroseconds = lastHeardMicroseconds
    self.mtu = mtu
    self.rate = rate
    self.queue = queue
    self.otherWays = otherWays
  }
}

/// All paths, the first added contact's first.
public struct PathListReport: Codable, Equatable, Sendable {
  public var paths: [PathQualityReport]

  public init(paths: [PathQualityReport]) { self.paths = paths }
}
