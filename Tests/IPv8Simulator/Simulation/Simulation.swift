import IPv8Crypto
import IPv8Node
import IPv8Wire

/// Hosts on one network in virtual time, reproducible from one seed.
public final class Simulation {
  /// Wall-clock time at the start, in milliseconds: hosts run long before and after it.
  static let wallStart: UInt64 = 1_700_000_000_000
  /// Hosts boot before the simulation begins.
  static let bootStart = Timestamp(nanoseconds: 1_000_000_000_000)
  /// A host that is due so often without time passing is in a busy loop.
  static let dueLimit = 64

  public let seed: UInt64
  public private(set) var now = bootStart
  public var network: SimulatedNetwork
  public private(set) var hosts: [SimulatedHost] = []
  /// Runs after each step; a test's invariants.
  public var afterStep: (() -> Void)?
  /// Broken promises of the simulated cores; a test expects none.
  public var faults: [String] { ownFaults + hosts.flatMap(\.faults) }
  private var ownFaults: [String] = []
  private var dueCount = 0

  public init(seed: UInt64, conditions: LinkConditions = LinkConditions()) {
    self.seed = seed
    network = SimulatedNetwork(conditions: conditions, seed: seed)
  }

  public var moment: Moment {
    let elapsed = now.milliseconds - Self.bootStart.milliseconds
    return Moment(boot: now, wall: WallTime(milliseconds: Self.wallStart + elapsed))
  }

  /// Adds a host at 198.18.0.n:1000+n (RFC 2544's range).
  @discardableResult
  public func addHost(aeadOffer: AEADOffer = .local) -> SimulatedHost {
    let number = UInt32(hosts.count + 1)
    let endpoint = Endpoint(.v4(IPv4Address(0xc612_0000 + number)), port: UInt16(1000 + number))
    let host = SimulatedHost(
      seed: seed &* 0x9e37_79b9 &+ UInt64(number) << 40, endpoint: endpoint, aeadOffer: aeadOffer)
    hosts.append(host)
    return host
  }

  /// Makes `other` a contact of `host`, told where it is.
  public func introduce(
    _ host: SimulatedHost, to other: SimulatedHost, keepOpen: Bool = false
  ) {
    host.add(
      Contact(permID: other.permID, told: [other.endpoint], keepOpen: keepOpen), at: moment,
      &network)
  }

  public func remove(_ other: PermID, from host: SimulatedHost) {
    host.remove(other, at: moment, &network)
  }

  public func restart(_ host: SimulatedHost, seed: UInt64) {
    host.restart(seed: seed, at: moment, &network)
  }

  /// `host` sends an IPv6 packet with `payload` to `other`.
  public func send(_ payload: [UInt8], from host: SimulatedHost, to other: SimulatedHost) {
    transmit(InnerPacket.v6(from: host.address, to: other.address, payload: payload), from: host)
  }

  public func transmit(_ packet: [UInt8], from host: SimulatedHost) {
    host.transmit(packet, at: moment, &network)
  }

  /// A datagram from anywhere, as an attacker sends it.
  public func inject(_ bytes: [UInt8], from source: Endpoint, to host: SimulatedHost) {
    host.receive(
      [.init(bytes: bytes, source: source, destination: host.endpoint)], at: moment, &network)
  }

  /// Moves `host` to another endpoint; what still arrives at the old one is lost.
  public func move(_ host: SimulatedHost, to endpoint: Endpoint, challenging: Bool = true) {
    network.unplugged.insert(host.endpoint)
    network.unplugged.remove(endpoint)
    host.endpoint = endpoint
    if challenging { host.challengeAll(at: moment, &network) }
  }

  // MARK: Time

  public func run(for interval: Interval) { run(until: now + interval) }

  public func run(until end: Timestamp) { _ = run(until: end) { false } }

  /// Runs until `condition` holds after a step; false where it does not by `end`.
  public func run(until end: Timestamp, _ condition: () -> Bool) -> Bool {
    if condition() { return true }
    while let next = nextEvent, next <= end {
      step(to: next)
      if condition() { return true }
    }
    now = max(now, end)
    return condition()
  }

  public func run(for interval: Interval, _ condition: () -> Bool) -> Bool {
    run(until: now + interval, condition)
  }

  private var nextEvent: Timestamp? {
    let due = hosts.map(\.nextDeadline).min() ?? .distantFuture
    let next = min(due, network.nextArrival ?? .distantFuture)
    return next == .distantFuture ? nil : max(next, now)
  }

  private func step(to time: Timestamp) {
    dueCount = time > now ? 0 : dueCount + 1
    now = time
    if dueCount > Self.dueLimit {
      ownFaults.append("a host is due at \(now.milliseconds) ms for ever")
      now = now + .milliseconds(100)
      dueCount = 0
    }
    let arrived = network.arrivals(until: now)
    for host in hosts {
      let own = arrived.filter { $0.destination == host.endpoint }
      if !own.isEmpty { host.receive(own, at: moment, &network) }
      if host.nextDeadline <= now { host.advance(to: moment, &network) }
    }
    afterStep?()
  }
}
