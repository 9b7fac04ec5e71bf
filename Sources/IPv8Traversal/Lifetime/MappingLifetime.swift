import IPv8Crypto
import IPv8Wire

/// Measures how long the NAT keeps an idle mapping, by peers that answer after a time that they
/// are told (RESPONSE-DELAY): a fresh socket for each idle time, all running beside each other.
///
/// Two timers: after a single packet out, and after packets in both directions for more than two
/// seconds, which is when Linux calls a flow a stream. Some twenty trials, at most ``socketLimit`` at
/// once, in little more than twice the lifetime, or five minutes where it is longer than that.
public struct MappingLifetime: ~Copyable {
  /// Sockets open at once.
  public static let socketLimit = 16
  /// Between the starts of trials.
  static let stagger = Interval.seconds(1)
  /// The measurement ends then with what it has.
  static let timeLimit = Interval.seconds(1_800)
  /// How late an answer may come.
  static let grace = Interval.seconds(3)
  /// Between the two exchanges of an established trial.
  static let warmUp = Interval.milliseconds(2_500)
  /// Trials that say nothing until a reporter is not asked any more.
  static let voidLimit = 3
  /// The idle times tried at first for single packets; timers for them are short.
  static let unrepliedCandidates: [Int64] = [10, 25, 55, 115]

  enum Timer: Int, Sendable { case unreplied, established }

  enum Phase: Sendable, Equatable {
    case opening, warming, resting, waiting
  }

  struct Trial: Sendable {
    let timer: Timer
    let seconds: Int64
    let socket: LocalSocket
    let reporter: Endpoint
    var phase = Phase.opening
    var exchanges = 0
    /// What answers the request to answer late, and when it was sent.
    var transaction: STUNTransaction?
    var asked = Timestamp(nanoseconds: 0)
    /// The end of the phase.
    var deadline: Timestamp
  }

  let family: AddressFamily
  private let firstSocket: Int
  private var freeSockets: [LocalSocket]
  private(set) var reporters: [Endpoint]
  private var voids: [Endpoint: Int] = [:]
  private var nextReporter = 0
  private var searches = [LifetimeSearch(candidates: unrepliedCandidates), LifetimeSearch()]
  var trials: [Trial] = []
  var client = STUNClient<LocalSocket>()
  var entropy: Entropy
  private var nextStart = Timestamp.distantFuture
  private var end = Timestamp.distantFuture
  public private(set) var isDone = false

  /// - Parameters:
  ///   - reporters: peers with an open session, who answer late when asked.
  ///   - firstSocket: number of the first of ``socketLimit`` sockets that this may open.
  public init(
    family: AddressFamily, reporters: [Endpoint], firstSocket: Int, entropy: consuming Entropy
  ) {
    self.family = family
    self.firstSocket = firstSocket
    self.reporters = reporters.filter { $0.address.family == family }
    freeSockets = (0..<Self.socketLimit).map { LocalSocket(firstSocket + $0) }
    self.entropy = entropy
  }

  /// What is known so far; absolute lifetimes are another measurement (``AbsoluteLifetime``).
  public var lifetimes: MeasuredLifetimes {
    MeasuredLifetimes(
      unreplied: searches[Timer.unreplied.rawValue].bounds,
      established: searches[Timer.established.rawValue].bounds)
  }

  public mutating func start(at now: Timestamp, into actions: inout [TraversalAction]) {
    nextStart = now
    end = now + Self.timeLimit
    advance(to: now, into: &actions)
  }

  public var nextDeadline: Timestamp {
    guard !isDone else { return .distantFuture }
    let trialEnd = trials.map(\.deadline).min() ?? .distantFuture
    return min(min(nextStart, end), min(trialEnd, client.nextDeadline))
  }

  public mutating func advance(to now: Timestamp, into actions: inout [TraversalAction]) {
    guard !isDone else { return }
    for request in client.advance(to: now, into: &actions) {
      // The reporter does not answer even at once.
      void(request.purpose, at: now, into: &actions)
    }
    for trial in trials where trial.deadline <= now { expire(trial, at: now, into: &actions) }
    if nextStart <= now { startTrial(at: now, into: &actions) }
    finish(at: now, into: &actions)
  }

  private mutating func startTrial(at now: Timestamp, into actions: inout [TraversalAction]) {
    nextStart = .distantFuture
    guard !reporters.isEmpty, let socket = freeSockets.first else { return }
    // The established timer first: it is what keepalives need.
    for timer in [Timer.established, .unreplied] {
      guard let seconds = searches[timer.rawValue].take() else { continue }
      freeSockets.removeFirst()
      let reporter = reporters[nextReporter % reporters.count]
      nextReporter += 1
      trials.append(
        Trial(
          timer: timer, seconds: seconds, socket: socket, reporter: reporter,
          deadline: now + Self.grace))
      actions.append(.open(socket, family))
      nextStart = now + Self.stagger
      return
    }
  }

  private mutating func finish(at now: Timestamp, into actions: inout [TraversalAction]) {
    if now >= end || reporters.isEmpty { for place in searches.indices { searches[place].end() } }
    guard searches.allSatisfy(\.isDone) else { return }
    for trial in trials { actions.append(.close(trial.socket)) }
    trials = []
    isDone = true
  }

  // MARK: Ends of trials

  mutating func conclude(
    _ trial: Trial, survived: Bool, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    remove(trial, at: now, into: &actions)
    searches[trial.timer.rawValue].note(trial.seconds, survived: survived)
    for other in trials where searches[other.timer.rawValue].isPointless(other.seconds) {
      remove(other, at: now, into: &actions)
      searches[other.timer.rawValue].drop(other.seconds)
    }
    finish(at: now, into: &actions)
  }

  mutating func void(
    _ socket: LocalSocket, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard let trial = trials.first(where: { $0.socket == socket }) else { return }
    remove(trial, at: now, into: &actions)
    voids[trial.reporter, default: 0] += 1
    if voids[trial.reporter, default: 0] >= Self.voidLimit {
      reporters.removeAll { $0 == trial.reporter }
    }
    searches[trial.timer.rawValue].void(trial.seconds)
    finish(at: now, into: &actions)
  }

  private mutating func remove(
    _ trial: Trial, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    client.abandon { $0.purpose == trial.socket }
    trials.removeAll { $0.socket == trial.socket }
    freeSockets.append(trial.socket)
    actions.append(.close(trial.socket))
    nextStart = min(nextStart, now + Self.stagger)
  }
}
