import IPv8Crypto
import IPv8Wire

/// Who can tell us where it sees us: a STUN server, or a peer, which is one for its friends.
public struct Reporter: Sendable, Hashable {
  public let endpoint: Endpoint
  /// A session is open with it: it has others send to us when asked.
  public let isPeer: Bool

  public init(_ endpoint: Endpoint, isPeer: Bool = false) {
    self.endpoint = endpoint
    self.isPeer = isPeer
  }
}

/// Asks a peer to have eight bytes (a bare INIT) sent to one of our outer endpoints.
public struct ProbeOrder: Sendable, Equatable {
  public enum Origin: Sendable, Equatable {
    /// Another host, which we never sent anything to.
    case stranger
    /// The peer itself, from another port.
    case otherPort
  }

  public let peer: Endpoint
  public let target: Endpoint
  public let origin: Origin
  /// Whom that outer endpoint's owner has sent to: no strangers.
  public let known: [IPAddress]

  init(peer: Endpoint, target: Endpoint, origin: Origin, known: [IPAddress] = []) {
    self.peer = peer
    self.target = target
    self.origin = origin
    self.known = known
  }
}

/// Finds out what the network does to UDP of one family, within seconds and some dozens of
/// datagrams (RFC 5780 §4, RFC 4787).
///
/// Stages, one after the other, because each would disturb the next:
/// 1. all reporters at once, from the main socket: where do you see me?
/// 2. a few fresh sockets each to some reporters in turn: how are ports allocated?
/// 3. the main socket to other ports and addresses of one operator: what does the mapping depend
///    on? A fresh socket, which only those reporters know: who gets in?
/// 4. the main socket and the fresh one to each other's outer endpoints: does the NAT hairpin?
public struct NATCheck: ~Copyable {
  /// Fresh sockets that a check opens: the filtered one, and those of stage 2.
  public static let socketCount = 1 + detailLimit * seriesCount
  /// Fresh sockets for each reporter of stage 2.
  static let seriesCount = 4
  /// Reporters that are asked; more are not.
  static let reporterLimit = 8
  /// Unrelated reporters of stages 2 and 3.
  static let detailLimit = 3
  /// Between the first packets of fresh sockets.
  static let spacing = Interval.milliseconds(20)
  /// For sockets to open.
  static let openPatience = Interval.milliseconds(500)

  enum Stage: Sendable, Equatable { case opening, asking, allocating, detailing, hairpin, done }

  enum Purpose: Sendable, Equatable {
    case main(operatedBy: Endpoint)
    case fresh(series: Int, socket: LocalSocket)
    case control(Reporter)
    case stranger
    case otherPort
    case hairpin
  }

  public let family: AddressFamily
  /// The number of the first fresh socket; the others follow.
  let firstSocket: Int
  let reporters: [Reporter]
  private(set) var stage = Stage.opening
  var evidence: NATEvidence
  var client = STUNClient<Purpose>()
  var entropy: Entropy
  /// Own endpoints of fresh sockets.
  var locals: [LocalSocket: Endpoint] = [:]
  /// Servers that can answer from elsewhere, by their endpoint; and from where.
  var alternates: [Endpoint: Endpoint] = [:]
  /// Outer endpoints of the filtered socket by who saw it there.
  var filtered: [Endpoint: Endpoint] = [:]
  /// Whether probes were ordered, which may take until the end of the stage.
  var awaitsProbes = false
  /// Probes that a peer confirmed, which may yet arrive.
  var confirmed: [ProbeOrder.Origin] = []
  /// First packets of fresh sockets that wait for their turn.
  var queue: [(at: Timestamp, purpose: Purpose, socket: LocalSocket, to: Endpoint)] = []
  var answered: Set<Endpoint> = []
  /// Ends the stage, whatever still waits.
  var stageEnd = Timestamp.distantFuture
  /// Probes that peers shall have sent; the shell takes them with ``takeOrders()``.
  private var orders: [ProbeOrder] = []

  /// - Parameters:
  ///   - local: the main socket's endpoint on our own interface.
  ///   - reporters: servers and peers; of one operator (neighbourhood) the first ones only, if
  ///     there are many.
  ///   - firstSocket: number of the first of ``socketCount`` sockets that the check may open.
  public init(
    local: Endpoint, reporters: [Reporter], firstSocket: Int, entropy: consuming Entropy
  ) {
    family = local.address.family
    self.firstSocket = firstSocket
    self.reporters = Self.choose(reporters, family: local.address.family)
    evidence = NATEvidence(local: local)
    self.entropy = entropy
  }

  /// As many operators as possible first.
  private static func choose(_ reporters: [Reporter], family: AddressFamily) -> [Reporter] {
    var seen: Set<UInt64> = []
    var firsts: [Reporter] = []
    var others: [Reporter] = []
    for reporter in reporters where reporter.endpoint.address.family == family {
      if seen.insert(reporter.endpoint.address.neighbourhood).inserted {
        firsts.append(reporter)
      } else {
        others.append(reporter)
      }
    }
    return Array((firsts + others).prefix(reporterLimit))
  }

  public var isDone: Bool { stage == .done }

  /// What is known so far.
  public var report: NetworkReport {
    var report = NetworkReport(family: family, local: evidence.local)
    let told = Set(evidence.reports.map(\.operatedBy))
    let asked = stage == .opening ? [] : Set(reporters.map(\.endpoint))
    report.reportersAsked = told.union(asked).count
    report.reportersAnswered = told.count
    evidence.judge(&report)
    return report
  }

  /// The probes to ask peers for; each once.
  public mutating func takeOrders() -> [ProbeOrder] {
    defer { orders = [] }
    return orders
  }

  mutating func order(_ probe: ProbeOrder) {
    awaitsProbes = true
    orders.append(probe)
  }

  // MARK: Sockets

  static let filteredSocket = 0

  /// The fresh socket `index`, 0..<socketCount; the first is the filtered one.
  func socket(_ index: Int) -> LocalSocket { LocalSocket(firstSocket + index) }

  public mutating func start(at now: Timestamp, into actions: inout [TraversalAction]) {
    for index in 0..<Self.socketCount { actions.append(.open(socket(index), family)) }
    stageEnd = now + Self.openPatience
  }

  /// A socket that was asked for stands at this endpoint of ours.
  public mutating func opened(
    _ socket: LocalSocket, at local: Endpoint, now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    locals[socket] = local
    guard stage == .opening, locals.count == Self.socketCount else { return }
    enter(.asking, at: now, into: &actions)
  }

  // MARK: Time

  public var nextDeadline: Timestamp {
    stage == .done
      ? .distantFuture
      : min(client.nextDeadline, stageEnd, queue.first?.at ?? .distantFuture)
  }

  public mutating func advance(to now: Timestamp, into actions: inout [TraversalAction]) {
    guard stage != .done else { return }
    for request in client.advance(to: now, into: &actions) { failed(request) }
    while let next = queue.first, next.at <= now {
      queue.removeFirst()
      client.ask(
        next.purpose, of: next.to, on: next.socket, id: entropy.bytes(12), at: now, into: &actions)
    }
    if stageEnd <= now {
      finishStage(at: now, into: &actions)
    } else {
      finishIfQuiet(at: now, into: &actions)
    }
  }

  /// Goes on once nothing is waited for.
  mutating func finishIfQuiet(at now: Timestamp, into actions: inout [TraversalAction]) {
    guard stage != .opening, stage != .done, client.requests.isEmpty, queue.isEmpty,
      stage != .detailing || !awaitsProbes || evidence.strangerPassed
    else { return }
    finishStage(at: now, into: &actions)
  }

  private mutating func finishStage(at now: Timestamp, into actions: inout [TraversalAction]) {
    if stage == .detailing { countSilence() }
    let next: Stage =
      switch stage {
      case .opening: .asking
      case .asking: answered.isEmpty ? .done : .allocating
      case .allocating: .detailing
      case .detailing: .hairpin
      case .hairpin, .done: .done
      }
    enter(next, at: now, into: &actions)
  }

  private mutating func enter(
    _ stage: Stage, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    self.stage = stage
    client.abandon { _ in true }
    queue = []
    stageEnd = now + STUNClient<Purpose>.patience + .seconds(1)
    switch stage {
    case .opening: break
    case .asking: ask(at: now, into: &actions)
    case .allocating: allocate(at: now)
    case .detailing: detail(at: now, into: &actions)
    case .hairpin: hairpin(at: now, into: &actions)
    case .done:
      stageEnd = .distantFuture
      for index in 0..<Self.socketCount { actions.append(.close(socket(index))) }
    }
    if stage != .done { finishIfQuiet(at: now, into: &actions) }
  }
}
