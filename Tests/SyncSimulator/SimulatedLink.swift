public import IPv8Sync
public import IPv8Wire

/// Two peers and the way between them, in virtual time.
public struct SimulatedLink {
  public struct Faults: Sendable {
    public var delay = Interval.milliseconds(50)
    /// Added to each message's delay at random: later ones overtake.
    public var jitter = Interval.zero
    /// Of a thousand messages.
    public var lost: UInt64 = 0
    public var doubled: UInt64 = 0

    public init() {}
  }

  private struct Flight {
    let arrival: Timestamp
    let order: Int
    let to: Int
    let body: [UInt8]
  }

  public var peers: [SimulatedPeer]
  public var faults: Faults
  /// Bytes with the frames' heads, and messages, that peer 0 and peer 1 sent.
  public private(set) var bytes = [0, 0]
  public private(set) var messages = [0, 0]
  /// Of each type of message the bytes, by its first byte.
  public private(set) var bytesByType: [UInt8: Int] = [:]
  public private(set) var now = Timestamp(nanoseconds: 0)
  /// When the differences were known: at the end of a session about equal tables, else before the
  /// first message that takes them to be known; and how many messages that took.
  public private(set) var knownAt: Timestamp?
  public private(set) var messagesUntilKnown = 0
  /// While true whatever is sent is lost.
  public var isDown = false
  /// Changes a message on its way; nil loses it.
  public var tamper: ((Int, [UInt8]) -> [UInt8]?)?
  private var flights: [Flight] = []
  private var random: SeededRandom
  private var order = 0

  public init(_ a: SimulatedPeer, _ b: SimulatedPeer, faults: Faults = Faults(), seed: UInt64) {
    peers = [a, b]
    self.faults = faults
    random = SeededRandom(seed: seed)
  }

  public var moment: Moment {
    Moment(
      boot: now, wall: WallTime(milliseconds: 1_800_000_000_000 + now.milliseconds))
  }

  public mutating func begin(
    _ peer: Int, session: UInt32, floor: UInt32 = 0, method: SyncMethod = .rateless
  ) {
    peers[peer].begin(session: session, floor: floor, method: method, at: moment)
    take(peer)
  }

  public mutating func resume() {
    for peer in 0..<2 {
      peers[peer].resume(at: moment)
      take(peer)
    }
  }

  public mutating func inject(_ body: [UInt8], to peer: Int) {
    peers[peer].receive(body, at: moment)
    take(peer)
  }

  private mutating func take(_ peer: Int) {
    for output in peers[peer].session.takeOutputs() {
      switch output {
      case .send(let body): send(body, from: peer)
      case .record(let bytes, let summary):
        guard let record = SimulatedRecord(bytes) else { continue }
        peers[peer].arrived.append(summary.id)
        peers[peer].put(record)
      case .finished(let report):
        peers[peer].reports.append(report)
        guard report.isAsker, report.isEqual, knownAt == nil else { continue }
        knownAt = now
        messagesUntilKnown = messages[0] + messages[1]
      }
    }
  }

  private mutating func send(_ body: [UInt8], from peer: Int) {
    precondition(body.count <= SyncLimits.messageLimit, "a message fits a control frame")
    bytes[peer] += body.count + 3
    messages[peer] += 1
    bytesByType[body[0] & 0x7f, default: 0] += body.count + 3
    // WANT, OFFER, END.
    if knownAt == nil, [5, 8, 10].contains(body[0] & 0x7f) {
      knownAt = now
      messagesUntilKnown = messages[0] + messages[1] - 1
    }
    var body = body
    if let tamper {
      guard let changed = tamper(peer, body) else { return }
      body = changed
    }
    let copies = random.next() % 1_000 < faults.doubled ? 2 : 1
    for _ in 0..<copies where !isDown && random.next() % 1_000 >= faults.lost {
      let extra =
        faults.jitter == .zero
        ? 0 : Int64(random.next() % UInt64(faults.jitter.nanoseconds))
      order += 1
      push(
        Flight(
          arrival: now + faults.delay + Interval(nanoseconds: extra), order: order, to: 1 - peer,
          body: body))
    }
  }

  private mutating func push(_ flight: Flight) {
    var low = 0
    var high = flights.count
    // The next to arrive is the last.
    while low < high {
      let middle = (low + high) / 2
      let other = flights[middle]
      if (other.arrival.nanoseconds, other.order) > (flight.arrival.nanoseconds, flight.order) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    flights.insert(flight, at: low)
  }

  /// Runs until nobody has anything to do or to say, or `limit` is over.
  public mutating func run(for limit: Interval = .seconds(3_600), untilKnown: Bool = false) {
    let end = now + limit
    while !untilKnown || knownAt == nil {
      let due = (0..<2).map { peers[$0].session.deadline(after: moment) }.min() ?? .distantFuture
      let next = min(due, flights.last?.arrival ?? .distantFuture)
      guard next <= end, next != .distantFuture else { break }
      now = max(now, next)
      while let flight = flights.last, flight.arrival <= now {
        flights.removeLast()
        if !isDown { inject(flight.body, to: flight.to) }
      }
      for peer in 0..<2 where peers[peer].session.deadline(after: moment) <= now { tick(peer) }
    }
    // Else what the rates hold back would never be due.
    if !untilKnown, now < end, limit < .seconds(3_600) { now = end }
  }

  private mutating func tick(_ peer: Int) {
    peers[peer].tick(at: moment)
    take(peer)
  }
}
