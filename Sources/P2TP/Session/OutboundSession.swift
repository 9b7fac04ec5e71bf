import IPv8Crypto
import IPv8Wire

/// The outbound side of one open session: seals our records, and knows when one is due (protocol
/// §1.7 to §1.10, §2.4).
///
/// The owner calls:
/// - for each record to be sent: ``seal(_:into:isData:at:)``;
/// - for what the inbound side learnt: ``receive(_:at:)``;
/// - whenever ``nextDeadline`` has passed: ``advance(to:)``, doing what it asks.
///
/// The inbound side may live on another thread: what it knows of the peer comes as a ``Reception``,
/// which may be late but never out of order.
///
/// Never copied: a copied counter would seal two records under one nonce.
public struct OutboundSession: ~Copyable {
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
  /// How often the session sends while it is in use, so that the network lets answers in.
  public var keepalive = SessionTimes.natKeepalive
  /// A newer session is the one to send on: this one answers, but asks for nothing of its own.
  public var isSuperseded = false

  /// Further strands carry data and reports alone; what keeps a session alive is the first one's.
  var isFirstStrand: Bool { localID.strand == 0 }

  let key: AEADKey
  let clock: OpenClock
  var counter: UInt64 = 0
  var rekeyAsked = false
  var returnCookie: UInt32?
  /// The peer's newest forward timestamp not yet returned, and when it came.
  var owed: (value: UInt32, arrived: Timestamp)?
  var lastForward: Timestamp?
  var returnedLast = false
  var holdIncluded = false

  var lss = false
  var reduction = ReductionAnswer()
  public internal(set) var rate: RateControl
  /// The ECN bits of the datagram sealed last: ECT(0) under control, as far as the path lets it pass.
  public internal(set) var ecn: UInt8 = 0
  public internal(set) var roundTrip = RoundTrip()
  /// What the next report of ours says, but for the hold time.
  public internal(set) var feedback = Feedback.none
  /// The peer's last report of our records lost on the way to it.
  public internal(set) var peerFeedback: Feedback?
  /// How much of the reports of either direction ``takeRecordCounts()`` has told.
  var tallies = (toPeer: LossTally(), fromPeer: LossTally())

  public internal(set) var lastHeard: Timestamp?
  var lastSent: Timestamp
  /// When a data packet last passed either way; set by the owner where a session continues another.
  public var lastData: Timestamp
  /// When the first data was sent after which nothing was heard; nil where all was.
  public internal(set) var unheardSince: Timestamp?
  var silenceTold = false
  /// Records with data not reported yet, when the first of them came, and when they are to be.
  var unreported: UInt32 = 0
  var unreportedSince: Timestamp?
  var cadence = FeedbackCadence()
  var answerBy: Timestamp?
  /// Until when a signalled loss is no sign of congestion, once.
  var excusedUntil: Timestamp?
  var reportNow = false
  /// When to repeat the first record, and after which time; nil once the peer was heard.
  var confirmation: (at: Timestamp, interval: Interval)?

  public init(
    _ established: EstablishedSession, of peer: PeerIndex, rate: RateControl = RateControl()
  ) {
    self.peer = peer
    localID = established.localID
    remoteID = established.remoteID
    role = established.role
    suite = established.suite
    peerCapabilities = established.peerCapabilities
    establishedAt = established.establishedAt
    key = AEADKey(suite: established.suite, key: established.sendKey)
    clock = OpenClock(offset: established.clockOffset)
    returnCookie = established.returnCookie
    self.rate = rate
    lastSent = established.establishedAt
    lastData = established.establishedAt
    if let sample = established.roundTrip {
      roundTrip.sample(sample)
      if self.rate.roundTrip.smoothed == nil { self.rate.roundTrip.sample(sample) }
    }
    self.rate.repace()
    if role == .initiator, isFirstStrand {
      let first = SessionTimes.confirmationInterval
      confirmation = (establishedAt + first, first)
    }
  }

  /// Records lost of those sent towards us, 0...1; nil before anything arrived.
  public var lossRatio: Double? {
    let total = UInt64(feedback.received) + UInt64(feedback.lost)
    return total == 0 ? nil : Double(feedback.lost) / Double(total)
  }
}
