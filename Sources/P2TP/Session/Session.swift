import IPv8Crypto
import IPv8Wire

/// One open session between two peers: seals and opens records in place, and keeps what their
/// headers tell: replay, loss, round trip (protocol §1.7 to §1.10, §2.4).
///
/// The owner calls, in this order:
/// - for each record to be sent: ``seal(_:at:)``;
/// - for each record received: ``open(_:header:ecn:at:)``, then ``receive(_:)`` for a feedback frame
///   in it, then ``finishRecord()``;
/// - whenever ``nextDeadline`` has passed: ``advance(to:)``, doing what it asks.
///
/// Never copied: a copied counter would seal two records under one nonce.
public struct Session: ~Copyable {
  /// After this nothing is sealed or opened.
  public static let lifetime = Interval.seconds(180)
  /// The initiator asks for a new handshake when it sends at this age.
  static let initiatorRekey = Interval.seconds(120)
  /// The responder does so later, where the initiator did not.
  static let responderRekey = Interval.seconds(165)
  /// Data received and nothing sent for so long: an empty record tells the peer we live.
  static let passiveKeepalive = Interval.seconds(10)
  /// Keeps a NAT's mapping while the session is in use.
  public static let natKeepalive = Interval.seconds(25)
  /// A session counts as in use for so long after a data record.
  public static let inUse = Interval.seconds(600)
  /// Sent something and heard nothing for so long: the peer may have restarted.
  static let silence = Interval.seconds(15)
  /// An initiator repeats its first record so soon, then at doubled intervals, until the peer's
  /// first one decrypts (rule R4); after the last time a new handshake is due.
  static let confirmationInterval = Interval.milliseconds(250)
  static let confirmationPatience = CookieIssuer.lifetime
  /// A peer's cookie is answered at most so often (rule R4).
  static let cookieAnswerGap = Interval.milliseconds(20)
  /// Records that may go unreported, and how long once there are a few.
  static let feedbackEvery: UInt32 = 64
  static let feedbackSoon: UInt32 = 16
  static let feedbackDelay = Interval.milliseconds(100)

  /// Whose session this is, for the owner's use.
  public let peer: PeerIndex
  public let localID: SessionID
  public let remoteID: SessionID
  public let role: EstablishedSession.Role
  public let suite: AEADSuite
  public let peerCapabilities: PeerCapabilities
  public let establishedAt: Timestamp
  /// Keep the NAT's mapping even while no data passes.
  public var keepOpen = false
  /// A newer session is the one to send on: this one answers, but asks for nothing of its own.
  public var isSuperseded = false

  let sendKey: AEADKey
  let receiveKey: AEADKey
  var counter: UInt64 = 0
  var replay = ReplayWindow()
  var forgeries: UInt64 = 0
  var rekeyAsked = false

  let clock: OpenClock
  var returnCookie: UInt32?
  let issuedCookies: [UInt32]
  /// The peer's newest forward timestamp not yet returned, and when it came.
  var owed: (value: UInt32, arrived: Timestamp)?
  var lastForward: Timestamp?
  var returnedLast = false
  var holdIncluded = false
  var pendingSample: Interval?

  public internal(set) var roundTrip = RoundTrip()
  public internal(set) var rate: RateControl
  var reporter = LossReporter()
  var reduction = ReductionAnswer()
  var detector = LossDetector()
  var flagsReadBelow: UInt64 = 0
  var congestionExperienced: UInt32 = 0

  /// Authentic records received.
  public internal(set) var received: UInt64 = 0
  /// The peer's last report of our records lost on the way to it.
  public internal(set) var remoteFeedback: Feedback?
  public internal(set) var lastHeard: Timestamp?
  var lastSent: Timestamp
  /// When a data packet last passed either way; set by the owner where a session continues another.
  public var lastData: Timestamp
  var unheardSince: Timestamp?
  var silenceTold = false
  var unreported: UInt32 = 0
  var unreportedSince: Timestamp?
  var answerBy: Timestamp?
  var reportNow = false
  /// When to repeat the first record, and after which time; nil once the peer was heard.
  var confirmation: (at: Timestamp, interval: Interval)?

  /// - Parameter clockOffset: 32 random bits.
  public init(
    _ established: EstablishedSession, of peer: PeerIndex, clockOffset: UInt32,
    rate: RateControl = RateControl()
  ) {
    self.peer = peer
    localID = established.localID
    remoteID = established.remoteID
    role = established.role
    suite = established.suite
    peerCapabilities = established.peerCapabilities
    establishedAt = established.establishedAt
    sendKey = AEADKey(suite: established.suite, key: established.sendKey)
    receiveKey = AEADKey(suite: established.suite, key: established.receiveKey)
    clock = OpenClock(offset: clockOffset)
    returnCookie = established.returnCookie
    issuedCookies = established.issuedCookies
    self.rate = rate
    lastSent = established.establishedAt
    lastData = established.establishedAt
    if let sample = established.roundTrip { roundTrip.sample(sample) }
    if role == .initiator {
      confirmation = (establishedAt + Self.confirmationInterval, Self.confirmationInterval)
    }
  }

  /// Records lost of those sent towards us, 0...1; nil before anything arrived.
  public var lossRatio: Double? {
    let total = received + detector.lost
    return total == 0 ? nil : Double(detector.lost) / Double(total)
  }
}
