import IPv8Control
import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Store
import IPv8Streams
import IPv8Traversal
import IPv8Wire
import P2TP

/// What is fixed once the daemon is up.
struct DaemonFacts: Sendable {
  let interface: String
  let interfaceIndex: InterfaceIndex
  /// Whether each contact has its own IPv6 route (``OverlayInterface``).
  let routesPerContact: Bool
  let address: OverlayAddress
  let aliases: AliasBook?
  let port: UInt16
  let mtu: Int
  /// The name that this peer gives itself: given now, or kept from an earlier start.
  let name: String?
  let startedAt: Timestamp
}

/// Everything that needs privileges: the interface, its routes, the sockets.
struct SetUp {
  let facts: DaemonFacts
  private let ports: EnginePorts
  /// Nil where no streams are accepted.
  private let https: StreamSocket?

  init(_ configuration: Configuration, _ identity: IdentityKey, _ store: Store) throws {
    let startedAt = SystemClock.now()
    if !configuration.name.isEmpty { try store.setSetting(.name, to: configuration.name) }
    let ownName = try store.setting(.name)
    let probe = try Self.sockets(configuration, store)
    let port = probe.port
    https = try configuration.httpsPort.map { try Self.streamSocket($0) }
    let laneCount = configuration.laneCount
    let address = OverlayAddress(of: identity.permID)
    let name = configuration.interface
    let tun: TunDevice
    do throws(TunError) {
      tun = try Grace.wait(while: { (error: TunError) in error == .nameTaken }) {
        () throws(TunError) in
        try TunDevice(name: name, offload: .all, multiQueue: laneCount > 1)
      }
    } catch {
      throw DaemonError.interface(name, error)
    }
    let facts: DaemonFacts
    let fresh: Surroundings
    do throws(SystemError) {
      var surroundings = try Surroundings(tun: tun.interfaceIndex)
      _ = try surroundings.refresh()
      let aliases = configuration.aliasRange.flatMap {
        AliasBook(configured: $0, underlay: surroundings.networks4, own: identity.permID)
      }
      let perContact = surroundings.usesOverlayPrefix
      var interface = try OverlayInterface(tun.interfaceIndex, perContact: perContact)
      try interface.setUp(mtu: configuration.mtu, address: address, alias: aliases?.own)
      facts = DaemonFacts(
        interface: name, interfaceIndex: tun.interfaceIndex, routesPerContact: perContact,
        address: address, aliases: aliases, port: port,
        mtu: configuration.mtu, name: ownName, startedAt: startedAt)
      // The engine's own first reading then differs, and signs our record.
      fresh = try Surroundings(tun: tun.interfaceIndex)
    } catch { throw DaemonError.system("interface \(name)", error) }
    self.facts = facts
    ports = try EnginePorts(
      lanes: laneCount, tun: tun, probe: probe, addresses: configuration.stunAddresses,
      surroundings: fresh)
  }

  private static func streamSocket(_ port: UInt16) throws(DaemonError) -> StreamSocket {
    do throws(SocketError) {
      return try Grace.wait(while: { (error: SocketError) in error == .portTaken }) {
        () throws(SocketError) in StreamSocket(try ListeningPort.bind(port))
      }
    } catch { throw .httpsPort(port, error) }
  }

  /// The configured port; else the one chosen on the first start; else one chosen now and kept.
  private static func sockets(_ configuration: Configuration, _ store: Store) throws -> UDPSockets {
    let kept = try store.setting(.port).flatMap { UInt16($0) }
    if let port = configuration.port ?? kept {
      do throws(SocketError) {
        return try Grace.wait(while: { (error: SocketError) in error == .portTaken }) {
          () throws(SocketError) in try UDPSockets(port: port)
        }
      } catch {
        throw DaemonError.port(port, error)
      }
    }
    var generator = SystemRandomNumberGenerator()
    var last = (port: UInt16(0), error: SocketError.portTaken)
    for _ in 0..<Daemon.portAttempts {
      let port = UInt16.random(in: Daemon.dynamicPorts, using: &generator)
      do {
        let sockets = try UDPSockets(port: port)
        try store.setSetting(.port, to: "\(port)")
        return sockets
      } catch let error as SocketError {
        last = (port, error)
      }
    }
    throw DaemonError.port(last.port, last.error)
  }

  /// Hands the descriptors to the threads that move packets: a control thread that decides, and for
  /// each lane one in each direction. They end when `inbox` is told to stop; then the streams, which
  /// are returned, are for the caller to stop.
  func startEngine(
    _ identity: IdentityKey, _ store: Store, _ configuration: Configuration, inbox: EngineInbox,
    records: (start: RecordsStart, inbox: RecordsInbox), journal: Journal,
    in threads: inout ThreadGroup
  ) throws(DaemonError) -> StreamService {
    do throws(SystemError) {
      let lanes = try Lanes(count: ports.lanes.count)
      var random = SystemRandomNumberGenerator()
      let recordsLoop = try RecordsLoop(
        records.start, identity: identity, seed: random.next(), inbox: records.inbox,
        engine: inbox, lanes: lanes, journal: journal)
      try threads.start(name: "records", state: recordsLoop) {
        var loop = $0
        loop.run()
      }
      let sockets = ExtraSockets()
      let streams = StreamService(port: StreamPort(), route: configuration.proxyRoute) {
        lanes.take($1, from: .stream($0))
      } report: {
        lanes.control.post(.stream($0))
      }
      for (index, ports) in ports.lanes.enumerated() {
        ports.udp?.carriers = CarrierPorts(streams: streams.port, sockets: sockets)
        try facts.startLane(
          index, ports, identity.permID, configuration, lanes, journal, in: &threads)
      }
      try startControl(
        identity, store, configuration, (inbox, records.inbox), lanes, streams, sockets, journal,
        in: &threads)
      try listen(identity, streams)
      return streams
    } catch { throw DaemonError.system("engine", error) }
  }

  /// Accepts streams where that is asked for.
  private func listen(_ identity: IdentityKey, _ streams: StreamService) throws(SystemError) {
    guard let socket = https?.descriptor.take() else { return }
    let certificate = CarrierCertificate(seed: try Self.seed())
    try streams.listen(on: socket, path: identity.permID.streamPath, certificate: certificate)
  }

  private func startControl(
    _ identity: IdentityKey, _ store: Store, _ configuration: Configuration,
    _ inboxes: (own: EngineInbox, records: RecordsInbox), _ lanes: Lanes, _ streams: StreamService,
    _ sockets: ExtraSockets, _ journal: Journal,
    in threads: inout ThreadGroup
  ) throws(SystemError) {
    let node = Node(
      identity: identity, entropy: Entropy(seed: try Self.seed()),
      capabilities: .local.with(lanes: lanes.count), isPublic: configuration.isPublic,
      relayPolicy: configuration.relay, guessesPorts: configuration.guessesPorts, inquires: true,
      name: facts.name,
      lastBinding: try? store.binding(of: identity.permID)?.timestamp)
    guard let udp = ports.control.udp.take(),
      let surroundings = ports.control.surroundings.take()
    else { preconditionFailure("an engine is started once") }
    var random = SystemRandomNumberGenerator()
    let local =
      configuration.lanDiscovery
      ? LocalDiscovery(permID: identity.permID, port: facts.port, seed: random.next()) : nil
    var control = try ControlLoop(
      node: node, lanes: lanes, udp: udp, surroundings: surroundings, local: local,
      network: try Self.watch(configuration, store, port: facts.port, sites: ports.control.sites),
      nat64: NAT64Search(configuration.nat64), stunServers: configuration.stunServers,
      streams: streams, sockets: sockets, inbox: inboxes.own, records: inboxes.records,
      journal: journal)
    try control.adopt(ports.control.sites)
    try threads.start(name: "control", state: control) {
      var loop = $0
      loop.run()
    }
  }

  private static func watch(
    _ configuration: Configuration, _ store: Store, port: UInt16, sites: [STUNSite]
  ) throws(SystemError) -> NetworkWatch {
    var settings = NetworkObserver.Settings(port: port)
    settings.isPublic = configuration.isPublic
    settings.mapsPorts = configuration.mapsPorts
    settings.sites = sites.map { ($0.number, $0.endpoint) }
    // What cannot be read is measured again.
    let cache = LifetimeCache((try? store.networks())?.map { $0.entry } ?? [])
    return NetworkWatch(
      NetworkObserver(settings, cache: cache, entropy: Entropy(seed: try seed())))
  }

  fileprivate static func seed() throws(SystemError) -> SecretBytes {
    let bytes = try SystemEntropy.bytes(32)
    return SecretBytes(copying: bytes.rawSpan)
  }
}

extension DaemonFacts {
  /// Starts both threads of a lane.
  fileprivate func startLane(
    _ index: Int, _ ports: LanePorts, _ permID: PermID, _ configuration: Configuration,
    _ lanes: Lanes, _ journal: Journal, in threads: inout ThreadGroup
  ) throws(SystemError) {
    guard let tun = ports.tun.take(), let udp = ports.udp.take() else {
      preconditionFailure("a lane is started once")
    }
    let wireAlias = AliasRange.wireAlias(of: permID)
    let transmit = try TransmitLoop(
      Transmitter(
        address: address, alias: aliases?.own, wireAlias: wireAlias,
        rate: RateControl(mode: configuration.rateMode), entropy: Entropy(seed: try SetUp.seed()),
        mtu: mtu, asksForUnknown: true),
      tun: try tun.duplicate(), udp: try udp.duplicate(), lane: index, of: lanes, journal: journal)
    let receive = try ReceiveLoop(
      Receiver(
        address: address, alias: aliases?.own, wireAlias: wireAlias,
        isPublic: configuration.isPublic),
      tun: tun, udp: udp, lane: index, of: lanes, journal: journal)
    try threads.start(name: "rx-\(index)", state: receive) {
      var loop = $0
      loop.run()
    }
    try threads.start(name: "tx-\(index)", state: transmit) {
      var loop = $0
      loop.run()
    }
  }
}
