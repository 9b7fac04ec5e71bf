import IPv8Crypto
import IPv8Wire

/// A call in progress: our Noise message 1 sent to each address where the peer may be.
struct Knock: Sendable {
  /// Addresses knocked at; more are left out.
  static let candidateLimit = 24
  static let firstInterval = Interval.milliseconds(250)
  static let intervalLimit = Interval.seconds(2)
  /// Between knocks of a call that is never given up, once it is old: short enough to keep a NAT's
  /// mapping open for the peer's own knock.
  static let patientInterval = Interval.seconds(15)
  /// One message 1 is used so long; then a new ephemeral key is made.
  static let messageLifetime = Interval.seconds(5)
  static let patience = Interval.seconds(30)
  /// At most one immediate knock to an address in this time.
  static let immediateGap = Interval.milliseconds(20)

  struct Path: Sendable {
    var cookies = SentCookies()
    /// The peer's forward timestamp to be returned.
    var peerForward: UInt32?
    var token: [UInt8]?
    var lastImmediate: Timestamp?
  }

  let startedAt: Timestamp
  var noise: NoiseHandshake
  var message1: [UInt8]
  var madeAt: Timestamp
  var localID: SessionID
  var paths: [Endpoint: Path] = [:]
  /// In the order of preference.
  private(set) var candidates: [Endpoint] = []
  var interval = firstInterval
  var nextAt: Timestamp

  init(
    noise: NoiseHandshake, message1: [UInt8], localID: SessionID, candidates: [Endpoint],
    at now: Timestamp
  ) {
    self.noise = noise
    self.message1 = message1
    self.localID = localID
    startedAt = now
    madeAt = now
    nextAt = now
    for candidate in candidates { add(candidate) }
  }

  mutating func add(_ candidate: Endpoint) {
    guard paths[candidate] == nil, candidates.count < Self.candidateLimit else { return }
    candidates.append(candidate)
    paths[candidate] = Path()
  }

  /// Whether an immediate knock to `endpoint` may leave now; takes the turn if so.
  mutating func takesTurn(_ endpoint: Endpoint, at now: Timestamp) -> Bool {
    if let last = paths[endpoint]?.lastImmediate, now - last < Self.immediateGap { return false }
    paths[endpoint]?.lastImmediate = now
    return true
  }

  /// Sets the time of the next round, with a quarter of jitter either way (rule R5).
  mutating func schedule(patient: Bool, at now: Timestamp, jitter: UInt64) {
    let spread = Int64(jitter % 513) - 256
    nextAt = now + Interval(nanoseconds: interval.nanoseconds * (1024 + spread) / 1024)
    let old = now - startedAt >= Self.patience
    interval = min(interval * 2, patient && old ? Self.patientInterval : Self.intervalLimit)
  }
}

/// A call answered: a session that waits for the caller's first record.
struct Answered: Sendable {
  static let lifetime = Interval.seconds(10)

  let message1: [UInt8]
  let message2: [UInt8]
  let localID: SessionID
  let remoteID: SessionID
  let suite: AEADSuite
  let peerCapabilities: PeerCapabilities
  let sendKey: SecretBytes
  let receiveKey: SecretBytes
  let time: WallTime
  let binding: [UInt8]?
  let at: Timestamp
  /// Where the caller returned a good timestamp of ours from (rule R3).
  var routable: Set<Endpoint>
  var issuedCookies: [UInt32] = []
}
