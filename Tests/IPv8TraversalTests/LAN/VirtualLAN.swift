import IPv8Crypto
import IPv8Traversal
import IPv8Wire

/// One broadcast domain in virtual time, and everything that was sent in it.
struct VirtualLAN {
  /// When a host found a contact, and where.
  struct Finding: Equatable {
    let at: Timestamp
    let contact: PeerIndex
    let endpoint: Endpoint
  }

  struct Host {
    let permID: PermID
    let endpoint: Endpoint
    var discovery: LANDiscovery
    /// What its clock shows at boot time 0, milliseconds.
    let clock: UInt64
    var isUp = false
    var findings: [Finding] = []
  }

  static let prefix = IPv4Prefix(containing: IPv4Address(0xc0a8_0100), length: 24)
  static let start = Timestamp(nanoseconds: 1_000_000_000)
  /// 2023-11-14, where a new epoch begins 400 s later.
  static let usualClock: UInt64 = 1_700_000_000_000

  private(set) var now = start
  private(set) var sent: [(at: Timestamp, by: Int, bytes: [UInt8])] = []
  var hosts: [Host] = []

  /// A host that lies in the network from the start, or from ``raise(_:)`` on.
  @discardableResult
  mutating func add(clock: UInt64 = usualClock, isUp: Bool = true) -> Int {
    let number = hosts.count
    let seed = SecretBytes(copying: [UInt8](repeating: UInt8(number + 1), count: 32).rawSpan)
    let permID = IdentityKey(seed: seed).permID
    let endpoint = Endpoint(
      .v4(IPv4Address(Self.prefix.address.value + UInt32(number) + 1)), port: UInt16(2000 + number))
    hosts.append(
      Host(
        permID: permID, endpoint: endpoint,
        discovery: LANDiscovery(permID: permID, port: endpoint.port, seed: UInt64(number)),
        clock: clock))
    if isUp { raise(number) }
    return number
  }

  mutating func raise(_ host: Int) {
    hosts[host].isUp = true
    hosts[host].discovery.setNetworks([.v4(Self.prefix)], at: now)
  }

  /// Puts `contact` into the address book of `host`, where its index is its number.
  mutating func acquaint(_ host: Int, with contact: Int) {
    hosts[host].discovery.add(hosts[contact].permID, PeerIndex(contact), at: now)
  }

  func moment(of host: Int) -> Moment {
    Moment(
      boot: now, wall: WallTime(milliseconds: hosts[host].clock + now.milliseconds))
  }

  mutating func run(for time: Interval) {
    let end = now + time
    while let next = hosts.map(\.discovery.nextDeadline).min(), next <= end {
      now = max(now, next)
      for number in hosts.indices where hosts[number].isUp { advance(number) }
    }
    now = end
  }

  private mutating func advance(_ number: Int) {
    var actions: [LANAction] = []
    hosts[number].discovery.advance(to: moment(of: number), into: &actions)
    for case .send(let bytes, _) in actions {
      sent.append((now, number, bytes))
      let source = Endpoint(hosts[number].endpoint.address, port: LANDiscovery.port)
      // The sender hears itself, as sockets do.
      for receiver in hosts.indices where hosts[receiver].isUp {
        deliver(bytes, from: source, to: receiver)
      }
    }
  }

  mutating func deliver(_ bytes: [UInt8], from source: Endpoint, to number: Int) {
    var actions: [LANAction] = []
    hosts[number].discovery.receive(
      bytes.rawSpan, from: source, at: moment(of: number), into: &actions)
    for case .discovered(let contact, let endpoint) in actions {
      hosts[number].findings.append(Finding(at: now, contact: contact, endpoint: endpoint))
    }
  }
}
