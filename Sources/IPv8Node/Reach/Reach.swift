import IPv8Traversal
import IPv8Wire

/// What a node knows and does about the way to one peer.
struct Reach: Sendable {
  /// What it may ask of us as its introducer: six calls a minute, thirty at once.
  static let callInterval = Interval.seconds(10)
  static let callBurst: Int64 = 30
  /// How often its introductions may make us knock where it says.
  static let punchInterval = Interval.seconds(10)
  static let punchBurst: Int64 = 6
  /// Introducers and refusals that are remembered.
  static let memoryLimit = 8
  /// Who refused is asked last for so long.
  static let refusalTime = Interval.seconds(600)
  /// Between attempts to get from a relay to a direct path.
  static let upgradeWaits = [10, 30, 120, 600].map { Interval.seconds($0) }

  /// Where the session's datagrams go; nil without a session.
  var path: Endpoint?
  var roundTrip: Interval?
  /// Nothing that we send is answered.
  var isLost = false
  /// When an answer is due, after this host's network changed.
  var checkAt = Timestamp.distantFuture

  /// What the peer told of its network last.
  var nat = NATSummary()
  var places: [Candidate] = []
  var portCount: PortCount?

  /// Who may introduce us, since when we look, and when we begin to.
  var search: IntroductionSearch?
  var searchAt = Timestamp.distantFuture
  /// Since when packets wait though there is no address to call at.
  var askingSince: Timestamp?
  /// When somebody was asked last who its rendezvous are.
  var soughtAt: Timestamp?
  /// Those that introduced us before, the newest first.
  var introducers: [PeerIndex] = []
  var refusals: [PeerIndex: Timestamp] = [:]
  var history = IntroductionHistory()

  var relays: [RelayEnd] = []
  var punch: PunchAttempt?
  /// The extra socket that traffic takes.
  var socket: UInt32?
  /// The ports that many-port attempts tried so far.
  var shuffle: PortShuffle?
  /// When to try for a direct path again; and how often that failed.
  var upgradeAt = Timestamp.distantFuture
  var upgradeCount = 0

  var callAllowance = TokenBucket(interval: callInterval, burst: callBurst)
  var punchAllowance = TokenBucket(interval: punchInterval, burst: punchBurst)
  var journal = PathJournal()

  var isDirect: Bool {
    guard let path else { return false }
    switch path.carrier {
    case nil, .socket: return true
    case .relay, .stream: return false
    }
  }

  var nextDeadline: Timestamp {
    min(
      min(min(searchAt, upgradeAt), checkAt),
      min(search?.nextAt ?? .distantFuture, punch?.nextDeadline ?? .distantFuture))
  }

  mutating func remember(_ introducer: PeerIndex) {
    introducers.removeAll { $0 == introducer }
    introducers.insert(introducer, at: 0)
    if introducers.count > Self.memoryLimit { introducers.removeLast() }
    refusals[introducer] = nil
  }

  mutating func rememberRefusal(of introducer: PeerIndex, at now: Timestamp) {
    introducers.removeAll { $0 == introducer }
    refusals = refusals.filter { now - $0.value < Self.refusalTime }
    if refusals.count < Self.memoryLimit { refusals[introducer] = now }
  }

  mutating func scheduleUpgrade(at now: Timestamp) {
    upgradeAt = now + Self.upgradeWaits[min(upgradeCount, Self.upgradeWaits.count - 1)]
    upgradeCount += 1
  }
}
