import IPv8Wire

/// A program on a simulated host: bytes and time in, datagrams out.
public protocol NATAgent: AnyObject {
  var nextDeadline: Timestamp { get }
  /// A datagram that arrived at one of the host's endpoints.
  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram]
  func advance(to now: Timestamp) -> [NATDatagram]
}

/// A datagram as a host sends it.
public struct NATDatagram: Sendable, Equatable {
  public let bytes: [UInt8]
  public let source: Endpoint
  public let destination: Endpoint

  public init(_ bytes: [UInt8], from source: Endpoint, to destination: Endpoint) {
    self.bytes = bytes
    self.source = source
    self.destination = destination
  }
}

/// The internet, and private networks behind NATs of any depth, in virtual time.
public final class NATInternet {
  /// A network: 0 is the internet, others are behind a NAT each.
  public struct Realm: Hashable, Sendable {
    let number: Int
    public static let internet = Realm(number: 0)
  }

  private struct Host {
    let agent: any NATAgent
    var addresses: Set<IPAddress>
    var realm: Realm
    var isUp = true
  }

  private struct Router {
    var nat: SimulatedNAT
    let inner: Realm
    let outer: Realm
  }

  private struct Delivery {
    let at: Timestamp
    let datagram: NATDatagram
    let realm: Realm
    let order: Int
  }

  public private(set) var now = Timestamp(nanoseconds: 1_000_000_000_000)
  /// One way, across the internet.
  public var delay = Interval.milliseconds(20)
  /// The probability that a datagram is lost.
  public var loss = 0.0
  /// Datagrams that hosts sent, and those that reached a host.
  public private(set) var sent = 0
  public private(set) var delivered = 0
  private var hosts: [Host] = []
  private var routers: [Router] = []
  private var queue: [Delivery] = []
  private var order = 0
  private var random: SeededRandom

  public init(seed: UInt64) { random = SeededRandom(seed: seed) }

  public func addHost(
    _ agent: any NATAgent, at addresses: [IPAddress], in realm: Realm = .internet
  ) {
    hosts.append(Host(agent: agent, addresses: Set(addresses), realm: realm))
  }

  /// The host of `agent` is elsewhere from now on; what is under way to it is lost.
  public func moveHost(_ agent: any NATAgent, to addresses: [IPAddress], in realm: Realm) {
    guard let place = hosts.firstIndex(where: { $0.agent === agent }) else { return }
    hosts[place].addresses = Set(addresses)
    hosts[place].realm = realm
  }

  /// Whether the host of `agent` runs.
  public func setHost(_ agent: any NATAgent, isUp: Bool) {
    guard let place = hosts.firstIndex(where: { $0.agent === agent }) else { return }
    hosts[place].isUp = isUp
  }

  /// Sends on behalf of an agent that acts outside of its turns.
  public func send(_ datagrams: [NATDatagram], of agent: any NATAgent) {
    guard let host = hosts.first(where: { $0.agent === agent }) else { return }
    send(datagrams, in: host.realm)
  }

  /// A router with `behaviour` at `outer` of the outer network; the network behind it.
  public func addNAT(
    _ behaviour: NATBehaviour, at outer: IPAddress, in realm: Realm = .internet
  ) -> Realm {
    let inner = Realm(number: routers.count + 1)
    routers.append(
      Router(
        nat: SimulatedNAT(behaviour, outer: outer, seed: random.next()), inner: inner,
        outer: realm))
    return inner
  }

  /// The NAT in front of `realm`, to be looked at and changed.
  public subscript(nat realm: Realm) -> SimulatedNAT {
    get { routers[realm.number - 1].nat }
    set { routers[realm.number - 1].nat = newValue }
  }

  /// Sends on behalf of a host that acts outside of its agent's turns.
  public func send(_ datagrams: [NATDatagram], in realm: Realm) {
    for datagram in datagrams { depart(datagram, from: realm) }
  }

  // MARK: Time

  public func run(for interval: Interval) { _ = run(until: now + interval) { false } }

  /// Runs until `condition` holds after a step; false where it does not by `end`.
  @discardableResult
  public func run(until end: Timestamp, _ condition: () -> Bool) -> Bool {
    if condition() { return true }
    while let next = nextEvent, next <= end {
      now = max(now, next)
      let due = queue.filter { $0.at <= now }.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
      queue.removeAll { $0.at <= now }
      for delivery in due { arrive(delivery.datagram, in: delivery.realm) }
      for host in hosts where host.isUp && host.agent.nextDeadline <= now {
        send(host.agent.advance(to: now), in: host.realm)
      }
      if condition() { return true }
    }
    now = max(now, end)
    return condition()
  }

  private var nextEvent: Timestamp? {
    let deadlines = hosts.filter(\.isUp).map(\.agent.nextDeadline) + queue.map(\.at)
    guard let next = deadlines.min(), next < .distantFuture else { return nil }
    return next
  }

  // MARK: Routing

  private func host(at address: IPAddress, in realm: Realm) -> Host? {
    hosts.first { $0.realm == realm && $0.addresses.contains(address) }
  }

  /// Up through NATs until the destination is of this network, or the internet is reached.
  private func depart(_ datagram: NATDatagram, from realm: Realm) {
    sent += 1
    if loss > 0, Double.random(in: 0..<1, using: &random) < loss { return }
    var (datagram, realm) = (datagram, realm)
    let isLocal = host(at: datagram.destination.address, in: realm) != nil
    while realm != .internet, host(at: datagram.destination.address, in: realm) == nil,
      !routers.contains(where: {
        $0.outer == realm && $0.nat.outerAddress == datagram.destination.address
      })
    {
      let router = realm.number - 1
      let isHairpin = datagram.destination.address == routers[router].nat.outerAddress
      guard !isHairpin || routers[router].nat.behaviour.hairpin,
        let source = routers[router].nat.send(
          from: datagram.source, to: datagram.destination, at: now)
      else { return }
      datagram = NATDatagram(datagram.bytes, from: source, to: datagram.destination)
      realm = routers[router].outer
    }
    order += 1
    queue.append(
      Delivery(
        at: now + (isLocal ? .milliseconds(1) : delay), datagram: datagram, realm: realm,
        order: order))
  }

  /// Down through NATs to a host.
  private func arrive(_ datagram: NATDatagram, in realm: Realm) {
    var (datagram, realm) = (datagram, realm)
    while true {
      if let host = host(at: datagram.destination.address, in: realm) {
        guard host.isUp else { return }
        delivered += 1
        send(
          host.agent.receive(
            datagram.bytes, from: datagram.source, at: datagram.destination, now: now),
          in: host.realm)
        return
      }
      guard
        let router = routers.indices.first(where: { index in
          routers[index].outer == realm
            && (routers[index].nat.outerAddress == datagram.destination.address
              || (!routers[index].nat.behaviour.translates
                && host(at: datagram.destination.address, in: routers[index].inner) != nil))
        }),
        let inner = routers[router].nat.receive(
          from: datagram.source, to: datagram.destination, at: now)
      else { return }
      datagram = NATDatagram(datagram.bytes, from: datagram.source, to: inner)
      realm = routers[router].inner
    }
  }
}
