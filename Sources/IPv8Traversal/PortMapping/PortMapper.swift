import IPv8Crypto
import IPv8Wire

/// Has the gateway map an outer port to ours, by PCP, NAT-PMP or UPnP-IGD, and keeps it so.
///
/// Rules:
/// - All three are tried at once, once for each network. The first in that order that works maps;
///   the lower ones have `preference` to be better than silence.
/// - Only the gateway's own address is listened to, and asked: SSDP answers that lead elsewhere do
///   not count.
/// - Renewed at half of the lifetime, a tenth earlier or later. A gateway whose clock began anew
///   is asked again at once.
public struct PortMapper: ~Copyable {
  /// Seconds that a mapping is asked for (RFC 6887 §11.2.1 and protocol).
  static let lifetime: UInt32 = 7_200
  /// Of mappings that the gateway wants for ever: as often are they made again.
  static let permanentRenewal = Interval.seconds(3_600)
  /// Shorter lifetimes are taken for this, longer ones for a day: so often must we ask at most.
  static let shortest = Interval.seconds(120)
  static let longest = Interval.seconds(86_400)
  /// When a request is sent again after its first time, and given up.
  static let resends: [Interval] = [.milliseconds(250), .milliseconds(750), .milliseconds(1_750)]
  static let patience = Interval.seconds(4)
  /// How long a lower protocol that answered waits for the higher ones.
  static let preference = Interval.milliseconds(800)
  /// Outer ports that UPnP is asked for, one after the other.
  static let portLimit = 5
  /// A mapping that could not be renewed is asked for so often until it ends.
  static let retry = Interval.seconds(60)
  /// For UPnP to take a mapping back.
  static let unmapPatience = Interval.milliseconds(800)

  enum Phase: Sendable, Equatable {
    case idle
    /// Looking for a protocol that works.
    case probing
    /// Asking by one protocol, for the first time or again.
    case mapping(PortMappingProtocol)
    case mapped
    case failed
    case released
  }

  /// A datagram that is repeated until it is answered.
  struct Repeated: Sendable {
    let bytes: [UInt8]
    let to: Endpoint
    let kind: PortMappingProtocol
    let first: Timestamp
    var next: Timestamp
  }

  enum Exchange: Sendable, Equatable { case description(HTTPLocation), address, map(UInt16), unmap }

  let client: IPv4Address
  let internalPort: UInt16
  let gateway: IPAddress
  let socket: LocalSocket
  let nonce: [UInt8]
  var entropy: Entropy
  var phase = Phase.idle
  var phaseEnd = Timestamp.distantFuture
  var repeated: [Repeated] = []
  var epoch = GatewayEpoch()
  /// Protocols that cannot be had here.
  var refused: Set<PortMappingProtocol> = []
  var natPMPAddress: IPv4Address?
  var upnp: UPnPGateway?
  var upnpAddress: IPv4Address?
  var isPermanent = false
  /// Which answers from TCP are waited for.
  var exchanges: [Int: Exchange] = [:]
  var portsTried = 0
  private var nextExchange: Int
  private var renewAt = Timestamp.distantFuture
  /// When the first protocol answered, which ends the wait for better ones.
  var preferenceEnd = Timestamp.distantFuture
  /// What stands; nil where nothing does.
  public internal(set) var mapping: PortMapping?

  /// - Parameters:
  ///   - client: our address on the interface towards the gateway.
  ///   - socket: the number of a socket that this may open.
  ///   - firstExchange: exchanges are numbered from the next one on.
  public init(
    client: IPv4Address, internalPort: UInt16, gateway: IPv4Address, socket: LocalSocket,
    firstExchange: Int = 0, entropy: consuming Entropy
  ) {
    nextExchange = firstExchange
    self.client = client
    self.internalPort = internalPort
    self.gateway = .v4(gateway)
    self.socket = socket
    var entropy = entropy
    nonce = entropy.bytes(PCPMessage.nonceByteCount)
    self.entropy = entropy
  }

  /// Nothing more will come: no protocol works in this network.
  public var hasFailed: Bool { phase == .failed }

  /// After ``release(at:into:)``: the gateway has answered, or will not.
  public var isReleased: Bool { phase != .released || phaseEnd == .distantFuture }

  public mutating func start(at now: Timestamp, into actions: inout [TraversalAction]) {
    actions.append(.open(socket, .v4))
    // Nothing is sent before the next advance, when the socket is there.
    probe(at: now)
  }

  mutating func probe(at now: Timestamp) {
    phase = .probing
    phaseEnd = now + Self.patience
    preferenceEnd = .distantFuture
    repeated = []
    refused = []
    (natPMPAddress, upnp, upnpAddress) = (nil, nil, nil)
    exchanges = [:]
    send(pcpRequest(lifetime: Self.lifetime), as: .pcp, to: control, at: now)
    send(NATPMPMessage.addressRequest, as: .natPMP, to: control, at: now)
    for target in SSDPMessage.targets {
      send(SSDPMessage.search(for: target), as: .upnp, to: SSDPMessage.group, at: now)
    }
  }

  var control: Endpoint { Endpoint(gateway, port: PCPMessage.port) }

  func pcpRequest(lifetime: UInt32) -> [UInt8] {
    let wanted = mapping?.external ?? Endpoint(.v4(IPv4Address(0)), port: internalPort)
    return PCPMessage.mapRequest(
      client: .v4(client), nonce: nonce, internalPort: internalPort,
      suggested: lifetime == 0 ? nil : wanted, lifetime: lifetime)
  }

  /// Sends by the next ``advance(to:into:)``, and again until it is answered.
  mutating func send(
    _ bytes: [UInt8], as kind: PortMappingProtocol, to endpoint: Endpoint, at now: Timestamp
  ) {
    repeated.append(Repeated(bytes: bytes, to: endpoint, kind: kind, first: now, next: now))
  }

  mutating func exchange(
    _ exchange: Exchange, _ bytes: [UInt8], with endpoint: Endpoint,
    into actions: inout [TraversalAction]
  ) {
    nextExchange += 1
    exchanges[nextExchange] = exchange
    actions.append(.exchange(nextExchange, bytes, with: endpoint))
  }

  // MARK: Time

  public var nextDeadline: Timestamp {
    let sending = repeated.map(\.next).min() ?? .distantFuture
    return min(min(sending, renewAt), min(phaseEnd, preferenceEnd))
  }

  public mutating func advance(to now: Timestamp, into actions: inout [TraversalAction]) {
    for place in repeated.indices where repeated[place].next <= now {
      let first = repeated[place].first
      actions.append(.send(repeated[place].bytes, to: repeated[place].to, on: socket))
      let later = Self.resends.first { first + $0 > now }
      repeated[place].next = later.map { first + $0 } ?? .distantFuture
    }
    if preferenceEnd <= now { choose(at: now, mayWait: false, into: &actions) }
    if phaseEnd <= now { endPhase(at: now, into: &actions) }
    if renewAt <= now { renew(at: now, into: &actions) }
  }

  private mutating func endPhase(at now: Timestamp, into actions: inout [TraversalAction]) {
    phaseEnd = .distantFuture
    switch phase {
    case .probing:
      for kind in PortMappingProtocol.allCases where kind != .upnp || upnp == nil {
        if kind != .natPMP || natPMPAddress == nil { refused.insert(kind) }
      }
      choose(at: now, mayWait: false, into: &actions)
    case .mapping(let kind): failed(kind, at: now, into: &actions)
    case .released: repeated = []
    case .idle, .mapped, .failed: break
    }
  }

  /// One protocol does not map: the next one, or the mapping as it stands until it ends.
  mutating func failed(
    _ kind: PortMappingProtocol, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    refused.insert(kind)
    repeated.removeAll { $0.kind == kind }
    phaseEnd = .distantFuture
    guard let mapping else { return choose(at: now, mayWait: false, into: &actions) }
    phase = .mapped
    if mapping.expires <= now {
      self.mapping = nil
      probe(at: now)
    } else {
      renewAt = min(now + Self.retry, mapping.expires)
    }
  }

  mutating func adopt(
    _ external: Endpoint, by kind: PortMappingProtocol, lifetime: UInt32, at now: Timestamp
  ) {
    let asked = isPermanent && kind == .upnp ? Self.permanentRenewal * 2 : .seconds(Int64(lifetime))
    let life = min(max(asked, Self.shortest), Self.longest)
    mapping = PortMapping(external: external, madeBy: kind, expires: now + life)
    phase = .mapped
    phaseEnd = .distantFuture
    preferenceEnd = .distantFuture
    repeated = []
    // 0.45 to 0.55 of the lifetime, so that hosts of one network do not ask at once.
    let jitter = Int64(entropy.next() % 1_000)
    renewAt = now + life * (4_500 + jitter) / 10_000
  }

  private mutating func renew(at now: Timestamp, into actions: inout [TraversalAction]) {
    renewAt = .distantFuture
    guard phase == .mapped, let mapping else { return }
    map(by: mapping.madeBy, at: now, into: &actions)
  }

  /// Asks for the mapping by one protocol that is known to be there.
  mutating func map(
    by kind: PortMappingProtocol, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    phase = .mapping(kind)
    phaseEnd = now + Self.patience
    preferenceEnd = .distantFuture
    repeated.removeAll { $0.kind == kind }
    switch kind {
    case .pcp: send(pcpRequest(lifetime: Self.lifetime), as: .pcp, to: control, at: now)
    case .natPMP:
      let port = mapping?.external.port ?? internalPort
      send(
        NATPMPMessage.mapRequest(
          internalPort: internalPort, suggestedPort: port, lifetime: Self.lifetime),
        as: .natPMP, to: control, at: now)
    case .upnp:
      guard let upnp else { return failed(.upnp, at: now, into: &actions) }
      // TCP takes longer, and several ports may be taken.
      phaseEnd = now + .seconds(30)
      portsTried = 0
      exchange(.address, upnp.externalAddressRequest, with: upnp.control.endpoint, into: &actions)
    }
    advance(to: now, into: &actions)
  }
}
