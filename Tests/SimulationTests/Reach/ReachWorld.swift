import IPv8Node
import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// A side of a pair: what it is behind.
struct ReachSide: Sendable {
  let name: String
  /// Nil for a host without NAT.
  let behaviour: NATBehaviour?
  let summary: NATSummary

  init(
    _ name: String, _ behaviour: NATBehaviour?, _ mapping: MappingBehaviour,
    _ filtering: FilteringBehaviour
  ) {
    self.name = name
    self.behaviour = behaviour
    summary = NATSummary(mapping: mapping, filtering: filtering)
  }

  static let open = ReachSide("open", nil, .endpointIndependent, .endpointIndependent)
  static let firewall = ReachSide(
    "firewall", .firewall, .endpointIndependent, .addressAndPortDependent)
  static let fullCone = ReachSide(
    "full cone", .fullCone, .endpointIndependent, .endpointIndependent)
  static let restricted = ReachSide(
    "restricted", .restrictedCone, .endpointIndependent, .addressDependent)
  static let portRestricted = ReachSide(
    "port-restricted", .portRestrictedCone, .endpointIndependent, .addressAndPortDependent)
  static let symmetric = ReachSide(
    "symmetric", .symmetric, .addressAndPortDependent, .addressAndPortDependent)
  static let addressSymmetric = ReachSide(
    "address-symmetric", .addressSymmetric, .addressDependent, .addressAndPortDependent)

  static let all = [
    open, firewall, fullCone, restricted, portRestricted, symmetric, addressSymmetric,
  ]
}

/// Hosts behind NATs, and introducers in the open that all of them have sessions with.
final class ReachWorld {
  let internet: NATInternet
  private(set) var introducers: [NATHost] = []
  private(set) var sides: [NATHost] = []
  private(set) var realms: [NATInternet.Realm] = []
  private var payload: UInt8 = 0

  var a: NATHost { sides[0] }
  var b: NATHost { sides[1] }

  /// - Parameter knowsNAT: whether the hosts have found out what they are behind.
  init(
    _ kinds: [ReachSide], introducerCount: Int = 2, seed: UInt64, knowsNAT: Bool = true
  ) {
    internet = NATInternet(seed: seed)
    for number in 0..<introducerCount {
      let address = IPAddress.v4(IPv4Address(0x0707_0007 + UInt32(number) << 16))
      let host = NATHost(seed: seed &* 31 &+ UInt64(number) + 100, at: address)
      internet.addHost(host, at: [address])
      introducers.append(host)
      setLocal(host)
    }
    for (number, kind) in kinds.enumerated() {
      add(kind, number: number, seed: seed &* 31 &+ UInt64(number) + 200)
    }
    for side in sides {
      for introducer in introducers {
        know(introducer, side)
        know(side, introducer, at: introducer.host.endpoint, keepOpen: true)
      }
    }
    for side in sides { for other in sides where other !== side { know(side, other) } }
    internet.run(for: .seconds(2))
    if knowsNAT {
      for (side, kind) in zip(sides, kinds) {
        tell(side, NetworkReport(kind, local: side.host.endpoint))
      }
      internet.run(for: .seconds(2))
    }
  }

  private func add(_ kind: ReachSide, number: Int, seed: UInt64) {
    let outer = IPAddress.v4(IPv4Address(0x0505_0001 + UInt32(number) << 16))
    var (realm, address) = (NATInternet.Realm.internet, outer)
    if let behaviour = kind.behaviour {
      realm = internet.addNAT(behaviour, at: outer)
      address = .v4(
        IPv4Address((behaviour.translates ? 0x0a00_0105 : 0x0606_0001) + UInt32(number) << 16))
    }
    let host = NATHost(seed: seed, at: address)
    internet.addHost(host, at: [address], in: realm)
    sides.append(host)
    realms.append(realm)
    setLocal(host)
  }

  func tell(_ host: NATHost, _ report: NetworkReport) {
    let view = NetworkView(reports: [report])
    decide(host) { $0.setNetwork(view, at: $1, into: &$2) }
  }

  func setLocal(_ host: NATHost) {
    let endpoint = host.host.endpoint
    decide(host) { $0.setLocalEndpoints(v4: endpoint, v6: nil, at: $1, into: &$2) }
  }

  func decide(
    _ host: NATHost, _ body: (inout Node, Moment, inout [NodeAction]) -> Void
  ) {
    internet.send(host.decide(at: internet.now, body), of: host)
  }

  func know(
    _ host: NATHost, _ other: NATHost, at endpoint: Endpoint? = nil, keepOpen: Bool = false
  ) {
    let contact = Contact(
      permID: other.host.permID, told: [endpoint].compactMap { $0 }, keepOpen: keepOpen)
    let sent = host.act(at: internet.now) { host, moment, network in
      host.add(contact, at: moment, &network)
    }
    internet.send(sent, of: host)
  }

  /// `host` sends a packet to `other`.
  func send(from host: NATHost, to other: NATHost) {
    payload &+= 1
    let packet = InnerPacket.v6(
      from: host.host.address, to: other.host.address, payload: [payload])
    let sent = host.act(at: internet.now) { host, moment, network in
      host.transmit(packet, at: moment, &network)
    }
    internet.send(sent, of: host)
  }

  /// Both send packets for some time.
  func talk(for time: Interval, every interval: Interval = .milliseconds(100)) {
    let end = internet.now + time
    while internet.now < end {
      send(from: a, to: b)
      send(from: b, to: a)
      internet.run(for: interval)
    }
  }

  func index(_ other: NATHost, at host: NATHost) -> PeerIndex? {
    host.host.node.index(of: other.host.permID)
  }

  /// Where `host` sends what is for `other`.
  func path(_ host: NATHost, to other: NATHost) -> Endpoint? {
    index(other, at: host).flatMap { host.host.lane.report($0).endpoint }
  }

  func isDirect(_ host: NATHost, to other: NATHost) -> Bool {
    guard let path = path(host, to: other) else { return false }
    if case .socket = path.carrier { return true }
    return !path.isReserved
  }

  var isDirect: Bool { isDirect(a, to: b) && isDirect(b, to: a) }
}

extension NetworkReport {
  /// What a check finds out behind `side`.
  init(_ side: ReachSide, local: Endpoint) {
    self.init(family: .v4, local: local)
    mapping = side.summary.mapping
    filtering = side.summary.filtering
  }
}
