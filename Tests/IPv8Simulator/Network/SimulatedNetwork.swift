import IPv8Wire

/// Carries datagrams between endpoints in virtual time; what happens to each is drawn from the seed.
public struct SimulatedNetwork: Sendable {
  public struct Datagram: Sendable {
    public let bytes: [UInt8]
    public let source: Endpoint
    public let destination: Endpoint
  }

  struct Delivery: Sendable {
    let at: Timestamp
    let datagram: Datagram
  }

  private struct Flow: Hashable {
    let inside: Endpoint
    let outside: Endpoint
  }

  public var conditions: LinkConditions
  /// Endpoints behind a NAT: nothing comes in from where nothing went out to before.
  public var gated: Set<Endpoint> = []
  /// Endpoints that no longer receive: their host is down or moved away.
  public var unplugged: Set<Endpoint> = []
  /// Bytes and datagrams that left each endpoint, before loss.
  public private(set) var sentBytes: [Endpoint: Int] = [:]
  public private(set) var sentDatagrams: [Endpoint: Int] = [:]
  /// Bytes sent to each endpoint, before loss.
  public private(set) var receivedBytes: [Endpoint: Int] = [:]
  private var flows: Set<Flow> = []
  /// The next to arrive is last.
  private var queue: [Delivery] = []
  private var random: SeededRandom

  public init(conditions: LinkConditions, seed: UInt64) {
    self.conditions = conditions
    random = SeededRandom(seed: seed)
  }

  public mutating func send(_ datagram: Datagram, at now: Timestamp) {
    sentBytes[datagram.source, default: 0] += datagram.bytes.count
    sentDatagrams[datagram.source, default: 0] += 1
    receivedBytes[datagram.destination, default: 0] += datagram.bytes.count
    flows.insert(Flow(inside: datagram.source, outside: datagram.destination))
    let copies = happens(conditions.duplication) ? 2 : 1
    for _ in 0..<copies where !happens(conditions.loss) {
      var at = now + conditions.delay + upTo(conditions.jitter)
      if happens(conditions.reordering) { at = at + upTo(conditions.lateness) }
      enqueue(Delivery(at: aligned(at), datagram: datagram))
    }
  }

  var nextArrival: Timestamp? { queue.last?.at }

  /// Datagrams that arrive at `now` or before, in order, without those that a NAT keeps out.
  mutating func arrivals(until now: Timestamp) -> [Datagram] {
    var arrived: [Datagram] = []
    while let next = queue.last, next.at <= now {
      queue.removeLast()
      let datagram = next.datagram
      let flow = Flow(inside: datagram.destination, outside: datagram.source)
      let isOpen = !gated.contains(datagram.destination) || flows.contains(flow)
      if isOpen, !unplugged.contains(datagram.destination) { arrived.append(datagram) }
    }
    return arrived
  }

  /// Behind everything that arrives at the same time.
  private mutating func enqueue(_ delivery: Delivery) {
    var (low, high) = (0, queue.count)
    while low < high {
      let middle = (low + high) / 2
      if queue[middle].at <= delivery.at { high = middle } else { low = middle + 1 }
    }
    queue.insert(delivery, at: low)
  }

  private mutating func happens(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &random) < probability
  }

  private mutating func upTo(_ limit: Interval) -> Interval {
    guard limit > .zero else { return .zero }
    return Interval(nanoseconds: Int64.random(in: 0...limit.nanoseconds, using: &random))
  }

  private func aligned(_ at: Timestamp) -> Timestamp {
    let step = UInt64(conditions.grid.nanoseconds)
    guard step > 0 else { return at }
    return Timestamp(nanoseconds: (at.nanoseconds + step - 1) / step * step)
  }
}
