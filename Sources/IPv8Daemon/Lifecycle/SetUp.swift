import IPv8Control
import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Store
import IPv8Wire

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
struct SetUp: ~Copyable {
  let facts: DaemonFacts
  private let tun: TunDevice
  private let udp: UDPSockets
  private let surroundings: Surroundings

  init(_ configuration: Configuration, _ identity: IdentityKey, _ store: Store) throws {
    let startedAt = SystemClock.now()
    if !configuration.name.isEmpty { try store.setSetting(.name, to: configuration.name) }
    let ownName = try store.setting(.name)
    let udp = try Self.sockets(configuration, store)
    let address = OverlayAddress(of: identity.permID)
    let name = configuration.interface
    let tun: TunDevice
    do throws(TunError) {
      tun = try Grace.wait(while: { (error: TunError) in error == .nameTaken }) {
        () throws(TunError) in try TunDevice(name: name, offload: .all)
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
        address: address, aliases: aliases, port: udp.port,
        mtu: configuration.mtu, name: ownName, startedAt: startedAt)
      // The engine's own first reading then differs, and signs our record.
      fresh = try Surroundings(tun: tun.interfaceIndex)
    } catch { throw DaemonError.system("interface \(name)", error) }
    self.facts = facts
    self.surroundings = fresh
    self.tun = tun
    self.udp = udp
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

  /// Hands the descriptors to an engine.
  consuming func startEngine(
    _ identity: IdentityKey, _ store: Store, _ configuration: Configuration, inbox: EngineInbox,
    journal: Journal
  ) throws -> Engine {
    do throws(SystemError) {
      let seed = try SystemEntropy.bytes(64)
      let nodeSeed = SecretBytes(copying: seed.rawSpan.extracting(0..<32))
      let laneSeed = SecretBytes(copying: seed.rawSpan.extracting(32..<64))
      let node = Node(
        identity: identity, entropy: Entropy(seed: nodeSeed), isPublic: configuration.isPublic,
        name: facts.name,
        lastBinding: try? store.binding(of: identity.permID)?.timestamp)
      let wireAlias = AliasRange.wireAlias(of: identity.permID)
      let transmitter = Transmitter(
        address: facts.address, alias: facts.aliases?.own, wireAlias: wireAlias,
        entropy: Entropy(seed: laneSeed))
      let receiver = Receiver(
        address: facts.address, alias: facts.aliases?.own, wireAlias: wireAlias)
      let inboxes = try LaneInboxes()
      let fromLanes = try Inbox<LaneMessage>(limit: ControlLoop.laneMessageLimit)
      let transmit = try TransmitLoop(
        transmitter, tun: try tun.duplicate(), udp: try udp.duplicate(), inboxes: inboxes,
        control: fromLanes, journal: journal)
      let receive = try ReceiveLoop(
        receiver, tun: tun, udp: try udp.duplicate(), inboxes: inboxes, control: fromLanes,
        journal: journal)
      let control = try ControlLoop(
        node: node, lane: inboxes, fromLanes: fromLanes, udp: udp, surroundings: surroundings,
        inbox: inbox, journal: journal)
      return try Engine(control: control, transmit: transmit, receive: receive)
    } catch { throw DaemonError.system("engine", error) }
  }
}
