import IPv8Crypto
import IPv8Wire

/// The lifetimes of the network that we are in: known from before, or being measured.
struct LifetimeWatch: ~Copyable {
  /// Between a check and a measurement, which opens many sockets: others have more urgent needs.
  static let delay = Interval.seconds(3)
  /// Between measurements that found nothing.
  static let retry = Interval.seconds(900)

  private var cache: LifetimeCache
  private var network: NetworkIdentity?
  private(set) var known: MeasuredLifetimes?
  private var idle: MappingLifetime?
  private var absolute: AbsoluteLifetime?
  private(set) var startAt = Timestamp.distantFuture
  private var retryAt = Timestamp(nanoseconds: 0)
  private var measured: LifetimeCache.Entry?

  init(cache: LifetimeCache) { self.cache = cache }

  /// Whether idle mappings are being measured.
  var isRunning: Bool {
    switch idle {
    case .none: false
    case .some: true
    }
  }

  /// Whether a measurement would tell something new.
  var isWanted: Bool { network != nil && known == nil && !isRunning }

  mutating func enter(_ network: NetworkIdentity, at now: Moment) {
    guard network != self.network else { return }
    self.network = network
    known = cache.lifetimes(of: network, at: now.wall)
  }

  mutating func leave(into actions: inout [TraversalAction]) {
    // Closing one that is not open does nothing.
    if isRunning {
      for index in 0..<MappingLifetime.socketLimit {
        actions.append(.close(LocalSocket(SocketNumbers.lifetime + index)))
      }
    }
    switch absolute {
    case .none: break
    case .some: actions.append(.close(LocalSocket(SocketNumbers.absolute)))
    }
    (network, known) = (nil, nil)
    idle = nil
    absolute = nil
    startAt = .distantFuture
    retryAt = Timestamp(nanoseconds: 0)
  }

  /// A measurement that ended, to be kept; once.
  mutating func takeMeasured() -> LifetimeCache.Entry? {
    defer { measured = nil }
    return measured
  }

  // MARK: Measuring

  mutating func prepare(at now: Timestamp) {
    if startAt == .distantFuture { startAt = max(now + Self.delay, retryAt) }
  }

  mutating func putOff() { startAt = .distantFuture }

  /// - Parameter reporters: peers with an open session, of one family.
  mutating func begin(
    reporters: [Endpoint], family: AddressFamily, entropy: consuming Entropy, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    startAt = .distantFuture
    var fresh = MappingLifetime(
      family: family, reporters: reporters, firstSocket: SocketNumbers.lifetime, entropy: entropy)
    fresh.start(at: now, into: &actions)
    idle = consume fresh
  }

  /// Whether ``idle`` has ended: what it found counts from now on.
  mutating func takeIdle(at now: Moment) -> Bool {
    guard isRunning, idle?.isDone == true else { return false }
    let found = idle?.lifetimes ?? MeasuredLifetimes()
    idle = nil
    guard found.established != nil || found.unreplied != nil else {
      retryAt = now.boot + Self.retry
      return false
    }
    keep(found, at: now)
    return true
  }

  mutating func beginAbsolute(
    reporter: Endpoint, entropy: consuming Entropy, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    var fresh = AbsoluteLifetime(
      reporter: reporter, socket: LocalSocket(SocketNumbers.absolute), entropy: entropy)
    fresh.start(at: now, into: &actions)
    absolute = consume fresh
  }

  private mutating func takeAbsolute(at now: Moment) {
    guard absolute?.isDone == true else { return }
    let found = absolute?.lifetime ?? nil
    absolute = nil
    guard let found, var lifetimes = known else { return }
    lifetimes.absolute = found
    keep(lifetimes, at: now)
  }

  private mutating func keep(_ lifetimes: MeasuredLifetimes, at now: Moment) {
    known = lifetimes
    guard let network else { return }
    let entry = LifetimeCache.Entry(network: network, measured: now.wall, lifetimes: lifetimes)
    cache.insert(entry)
    measured = entry
  }

  // MARK: Sockets and time

  var nextDeadline: Timestamp {
    var next = startAt
    switch idle {
    case .none: break
    case .some(let idle): next = min(next, idle.nextDeadline)
    }
    switch absolute {
    case .none: break
    case .some(let absolute): next = min(next, absolute.nextDeadline)
    }
    return next
  }

  mutating func advance(to now: Moment, into actions: inout [TraversalAction]) {
    idle?.advance(to: now.boot, into: &actions)
    absolute?.advance(to: now.boot, into: &actions)
    takeAbsolute(at: now)
  }

  mutating func opened(
    _ socket: LocalSocket, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    if socket.number == SocketNumbers.absolute {
      absolute?.opened(now: now, into: &actions)
    } else {
      idle?.opened(socket, now: now, into: &actions)
    }
  }

  /// False where the datagram is for somebody else.
  mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, on socket: LocalSocket, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) -> Bool {
    if idle?.receive(datagram, from: source, on: socket, at: now, into: &actions) == true {
      return true
    }
    return absolute?.receive(datagram, from: source, on: socket, at: now, into: &actions) ?? false
  }
}

extension NetworkObserver {
  /// Measures lifetimes where there are any, and somebody helps.
  mutating func watchLifetimes(at now: Moment, into actions: inout [TraversalAction]) {
    lifetimes.advance(to: now, into: &actions)
    guard settings.measuresLifetimes, let (family, reporters) = lifetimeReporters else {
      return lifetimes.putOff()
    }
    if lifetimes.takeIdle(at: now), isTranslated(family), let reporter = reporters.first {
      lifetimes.beginAbsolute(
        reporter: reporter, entropy: Entropy(seed: entropy.secret(32)), at: now.boot,
        into: &actions)
    }
    guard lifetimes.isWanted, !isChecking else { return lifetimes.putOff() }
    lifetimes.prepare(at: now.boot)
    guard lifetimes.startAt <= now.boot else { return }
    lifetimes.begin(
      reporters: reporters, family: family, entropy: Entropy(seed: entropy.secret(32)),
      at: now.boot, into: &actions)
  }

  private func isTranslated(_ family: AddressFamily) -> Bool {
    (family == .v4 ? v4.report : v6.report)?.isTranslated == true
  }

  /// The first family that a NAT or a firewall is in the way of, and the peers there.
  private var lifetimeReporters: (AddressFamily, [Endpoint])? {
    for family in AddressFamily.allCases {
      guard let report = family == .v4 ? v4.report : v6.report,
        ![.open, .blocked, .unknown].contains(report.kind) || report.isTranslated == true
      else { continue }
      let endpoints = reporters(family).filter(\.isPeer).map(\.endpoint)
      if !endpoints.isEmpty { return (family, endpoints) }
    }
    return nil
  }

  /// Whether ``identify(_:at:)`` would help: something went to the gateway, so that its hardware
  /// address is known.
  public var needsIdentity: Bool {
    identity == nil && lastCheck != nil && !isChecking
      && (network.gateway4 != nil || network.gateway6 != nil)
  }

  /// A measurement that ended, to be kept for the next start; each once.
  public mutating func takeMeasured() -> LifetimeCache.Entry? { lifetimes.takeMeasured() }
}
