import IPv8Crypto
import IPv8Wire

/// A peer with an open session: it tells where it sees us, and answers late when asked.
public struct OpenPeer: Sendable, Hashable {
  public let index: PeerIndex
  /// Where its session is; never a carrier's.
  public let endpoint: Endpoint

  public init(_ index: PeerIndex, at endpoint: Endpoint) {
    self.index = index
    self.endpoint = endpoint
  }
}

/// Finds out what network this host is in, and serves others who ask the same (docs/protocol:
/// traversal): the STUN server, the NAT check of both families, the mapped port, the lifetimes.
///
/// Rules:
/// - A check follows each change of the network when it has settled, but no sooner than ``checkGap``
///   after the one before. It also follows the first reporters, a second voice beside the first,
///   a word of a peer against what was found, and the user's wish.
/// - A gateway is asked for a port once for each network.
/// - Lifetimes are measured once for each network and week, where something may forget us, after
///   the check.
///
/// The owner calls ``setNetwork(_:at:into:)`` and the other setters after changes, hands over what
/// the sockets receive, calls ``advance(to:into:)`` when ``nextDeadline`` has passed, and carries out
/// the actions after each in order. Then ``view`` is what is known.
public struct NetworkObserver: ~Copyable {
  public struct Settings: Sendable {
    /// The P2TP port.
    public var port: UInt16
    /// Answer everyone in full, and RFC 3489 clients.
    public var isPublic = false
    /// Ask gateways to map the port.
    public var mapsPorts = true
    /// Measure lifetimes.
    public var measuresLifetimes = true
    /// Endpoints that this host answers STUN from, by socket: two addresses with the same two ports
    /// each; none: the P2TP port alone.
    public var sites: [(socket: LocalSocket, endpoint: Endpoint)] = []

    public init(port: UInt16) { self.port = port }
  }

  /// After a change, for the next one.
  static let settling = Interval.milliseconds(250)
  /// Between the starts of checks that ask somebody, unless the user asks.
  static let checkGap = Interval.seconds(10)
  /// And if he does.
  static let askedGap = Interval.seconds(1)
  /// Configured servers that count; more are not asked.
  static let serverLimit = 8
  /// Unrelated voices, beyond which one more is no reason to check again.
  static let voicesWanted = 3
  /// Exchanges over TCP that one search for a gateway has at most, and more.
  static let exchangesOfMapper = 100_000
  /// Words of peers that are remembered for the next check.
  static let observationLimit = 64

  let settings: Settings
  var server: STUNServer
  var entropy: Entropy
  public internal(set) var network = LocalNetwork()
  public internal(set) var identity: NetworkIdentity?
  var servers: [Endpoint] = []
  var peers: [OpenPeer] = []
  /// Where peers see us, the newest last.
  var observations: [(peer: Endpoint, observed: Endpoint)] = []
  var v4 = FamilyCheck(.v4, firstSocket: SocketNumbers.check4)
  var v6 = FamilyCheck(.v6, firstSocket: SocketNumbers.check6)
  var checkDue = Timestamp.distantFuture
  var lastCheck: Timestamp?
  /// Voices that the last check could ask.
  var voicesAsked = 0
  var mapper: PortMapper?
  var exchangeBase = 0
  var lifetimes: LifetimeWatch
  var probes: ProbeService

  /// - Parameters:
  ///   - entropy: fresh for each process.
  ///   - cache: lifetimes that were measured before.
  public init(_ settings: Settings, cache: LifetimeCache, entropy: consuming Entropy) {
    self.settings = settings
    var entropy = entropy
    server = STUNServer(isPublic: settings.isPublic, salt: entropy.next())
    probes = ProbeService(salt: entropy.next())
    lifetimes = LifetimeWatch(cache: cache)
    self.entropy = entropy
  }

  // MARK: What is known

  public var view: NetworkView {
    NetworkView(
      local: network, identity: identity, reports: [v4.report, v6.report].compactMap { $0 },
      portMapping: portMappingState, mapping: mapping,
      lifetimes: lifetimes.known, isChecking: isChecking, isMeasuring: lifetimes.isRunning)
  }

  /// Whether a check runs or is due.
  public var isChecking: Bool { v4.isRunning || v6.isRunning || checkDue < .distantFuture }

  public var counters: STUNCounters { server.counters }

  /// Who can be asked in `family`.
  public func reporters(_ family: AddressFamily) -> [Reporter] {
    let own = Set(network.endpoints.map(\.address))
    let asked = servers.map { Reporter($0) }
    // A peer of our own network sees us from within.
    let peers = peers.map(\.endpoint).filter { $0.address.reach == .global }
    return (peers.map { Reporter($0, isPeer: true) } + asked).filter {
      $0.endpoint.address.family == family && !own.contains($0.endpoint.address)
    }
  }

  // MARK: What is told

  /// This host's own addresses or routes changed.
  public mutating func setNetwork(
    _ network: LocalNetwork, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard network != self.network else { return }
    let before = self.network
    self.network = network
    serve()
    if !network.isSame(as: before, .v4) { leave(.v4, at: now, into: &actions) }
    if !network.isSame(as: before, .v6) { leave(.v6, at: now, into: &actions) }
    schedule(at: now)
  }

  private mutating func leave(
    _ family: AddressFamily, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    observations.removeAll { $0.observed.address.family == family }
    if family == .v4 { v4.end(into: &actions) } else { v6.end(into: &actions) }
    identity = nil
    lifetimes.leave(into: &actions)
    if family == .v4 { mapPort(at: now, into: &actions) }
  }

  /// The network's identity, once the gateway's hardware address is known.
  public mutating func identify(_ identity: NetworkIdentity?, at now: Moment) {
    self.identity = identity
    if let identity { lifetimes.enter(identity, at: now) }
  }

  /// The configured STUN servers, resolved.
  public mutating func setServers(_ servers: [Endpoint], at now: Timestamp) {
    let servers = Array(servers.prefix(Self.serverLimit))
    guard servers != self.servers else { return }
    self.servers = servers
    checkIfMoreVoices(at: now)
  }

  /// The peers with an open session.
  public mutating func setPeers(_ peers: [OpenPeer], at now: Timestamp) {
    guard peers != self.peers else { return }
    self.peers = peers
    let open = Set(peers.map(\.endpoint))
    observations.removeAll { !open.contains($0.peer) }
    checkIfMoreVoices(at: now)
  }

  /// A peer tells where it sees us (P2TP RESPONSE).
  public mutating func note(_ observed: Endpoint, by index: PeerIndex, at now: Timestamp) {
    guard let peer = peers.first(where: { $0.index == index })?.endpoint else { return }
    observations.removeAll { $0.peer == peer }
    if observations.count >= Self.observationLimit { observations.removeFirst() }
    observations.append((peer, observed))
    let family = observed.address.family
    let known = family == .v4 ? v4.report?.external : v6.report?.external
    if family == .v4 { v4.note(observed, by: peer) } else { v6.note(observed, by: peer) }
    if let known, known != observed, peer.address.reach == .global { schedule(at: now) }
  }

  // MARK: Time

  public var nextDeadline: Timestamp {
    let checks = min(checkDue, min(v4.nextDeadline, v6.nextDeadline))
    let others = min(server.nextDeadline, lifetimes.nextDeadline)
    switch mapper {
    case .none: return min(checks, others)
    case .some(let mapper): return min(mapper.nextDeadline, min(checks, others))
    }
  }

  public mutating func advance(to now: Moment, into actions: inout [TraversalAction]) {
    let boot = now.boot
    if checkDue <= boot { check(at: boot, into: &actions) }
    v4.advance(to: boot, into: &actions)
    v6.advance(to: boot, into: &actions)
    mapper?.advance(to: boot, into: &actions)
    server.advance(to: boot, into: &actions)
    watchLifetimes(at: now, into: &actions)
  }
}

/// Which sockets belong to whom; 0 is the P2TP port's, 1 to 3 the STUN server's others.
enum SocketNumbers {
  static let mapper = 8
  static let probe = 9
  static let check4 = 16
  static let check6 = check4 + NATCheck.socketCount
  static let lifetime = check6 + NATCheck.socketCount
  static let absolute = lifetime + MappingLifetime.socketLimit
}
