import IPv8Crypto
import IPv8Wire

/// Finds out whether a mapping dies however busy it is, as those of some carriers do after a
/// minute: keeps one busy and looks whether it stays the same.
///
/// A death counts when a second mapping dies at about the same age; one alone may have been an
/// outage. Where the NAT gives a new mapping the old port, nothing is seen, and nothing need be: the
/// peer sees no change.
public struct AbsoluteLifetime: ~Copyable {
  /// Between packets.
  static let period = Interval.seconds(5)
  /// A mapping that lives so long has no absolute end that would matter.
  static let horizon = Interval.seconds(1_200)
  /// Answers missing in a row that count as death.
  static let missesToDie = 3
  /// How much two ages may differ, as parts of the shorter.
  static let agreement: Int64 = 5

  private let family: AddressFamily
  private let reporter: Endpoint
  private let socket: LocalSocket
  private var entropy: Entropy
  private var observed: Endpoint?
  private var created = Timestamp(nanoseconds: 0)
  private var lastGood = Timestamp(nanoseconds: 0)
  private var misses = 0
  private var transaction: STUNTransaction?
  private var ages: [Interval] = []
  private var isOpen = false
  private var nextSend = Timestamp.distantFuture
  public private(set) var isDone = false
  /// The absolute lifetime, once it is found; nil where there is none or nothing answers.
  public private(set) var lifetime: Interval?

  public init(reporter: Endpoint, socket: LocalSocket, entropy: consuming Entropy) {
    family = reporter.address.family
    self.reporter = reporter
    self.socket = socket
    self.entropy = entropy
  }

  public mutating func start(at now: Timestamp, into actions: inout [TraversalAction]) {
    actions.append(.open(socket, family))
    nextSend = now + Self.period
  }

  public mutating func opened(now: Timestamp, into actions: inout [TraversalAction]) {
    isOpen = true
    nextSend = now
    advance(to: now, into: &actions)
  }

  public var nextDeadline: Timestamp { isDone ? .distantFuture : nextSend }

  public mutating func advance(to now: Timestamp, into actions: inout [TraversalAction]) {
    guard !isDone, nextSend <= now else { return }
    if !isOpen || misses >= Self.missesToDie {
      ended(at: now, into: &actions)
      return
    }
    let asked = STUNTransaction(id: entropy.bytes(STUNTransaction.idByteCount))
    transaction = asked
    misses += 1
    nextSend = now + Self.period
    let request = STUNMessage(.request, transaction: asked)
    actions.append(.send(STUNClient<Int>.padded(request), to: reporter, on: socket))
  }

  /// Takes an answer; false where it is none of ours.
  public mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, on socket: LocalSocket, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) -> Bool {
    guard !isDone, socket == self.socket, source == reporter,
      let message = STUNMessage(datagram), message.messageClass == .success,
      message.transaction == transaction, let seen = message.reflexive
    else { return false }
    transaction = nil
    misses = 0
    if observed == nil {
      observed = seen
      created = now
    }
    if seen != observed {
      ended(at: now, into: &actions)
    } else {
      lastGood = now
      if now - created >= Self.horizon { finish(into: &actions) }
    }
    return true
  }

  /// One mapping died, or never lived.
  private mutating func ended(at now: Timestamp, into actions: inout [TraversalAction]) {
    guard observed != nil else { return finish(into: &actions) }
    ages.append(lastGood - created)
    if ages.count == 2 {
      let (low, high) = (min(ages[0], ages[1]), max(ages[0], ages[1]))
      if high.nanoseconds - low.nanoseconds <= max(low / Self.agreement, Self.period).nanoseconds {
        lifetime = low
      }
      return finish(into: &actions)
    }
    // A fresh socket makes a fresh mapping.
    actions.append(.close(socket))
    isOpen = false
    observed = nil
    misses = 0
    start(at: now, into: &actions)
  }

  private mutating func finish(into actions: inout [TraversalAction]) {
    isDone = true
    actions.append(.close(socket))
  }
}
