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

  private let sendKey: AEADKey
  private let receiveKey: AEADKey
  private var counter: UInt64 = 0
  private var replay = ReplayWindow()
  private var forgeries: UInt64 = 0
  private var rekeyAsked = false

  private let clock: OpenClock
  private var returnCookie: UInt32?
  private let issuedCookies: [UInt32]
  /// The peer's newest forward timestamp not yet returned, and when it came.
  private var owed: (value: UInt32, arrived: Timestamp)?
  private var lastForward: Timestamp?
  private var returnedLast = false
  private var holdIncluded = false
  private var pendingSample: Interval?

  public private(set) var roundTrip = RoundTrip()
  public private(set) var rate: RateControl
  private var reporter = LossReporter()
  private var reduction = ReductionAnswer()
  private var detector = LossDetector()
  private var flagsReadBelow: UInt64 = 0
  private var congestionExperienced: UInt32 = 0

  /// Authentic records received.
  public private(set) var received: UInt64 = 0
  /// The peer's last report of our records lost on the way to it.
  public private(set) var remoteFeedback: Feedback?
  public private(set) var lastHeard: Timestamp?
  private var lastSent: Timestamp
  /// When a data packet last passed either way; set by the owner where a session continues another.
  public var lastData: Timestamp
  private var unheardSince: Timestamp?
  private var silenceTold = false
  private var unreported: UInt32 = 0
  private var unreportedSince: Timestamp?
  private var answerBy: Timestamp?
  private var reportNow = false
  /// When to repeat the first record, and after which time; nil once the peer was heard.
  private var confirmation: (at: Timestamp, interval: Interval)?

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

  // MARK: Sending

  public enum SealOutcome: Sendable { case sealed, expired, limited }

  /// Seals `datagram` in place: 12 bytes of room, the plaintext, 16 bytes of room for the tag.
  ///
  /// - Parameter isData: false for records that only keep the session alive.
  public mutating func seal(
    _ datagram: inout MutableRawSpan, isData: Bool, at now: Timestamp
  ) -> SealOutcome {
    let outcome = begin(&datagram, isData: isData, at: now)
    guard outcome == .sealed else { return outcome }
    sendKey.seal(&datagram, prefix: DatagramKind.recordPrefix, counter: counter)
    counter += 1
    return outcome
  }

  /// As ``seal(_:isData:at:)`` with the plaintext elsewhere: as many bytes as the datagram has
  /// between prefix and tag.
  public mutating func seal(
    _ plaintext: RawSpan, into datagram: inout MutableRawSpan, isData: Bool, at now: Timestamp
  ) -> SealOutcome {
    let outcome = begin(&datagram, isData: isData, at: now)
    guard outcome == .sealed else { return outcome }
    sendKey.seal(
      plaintext, into: &datagram, prefix: DatagramKind.recordPrefix, counter: counter)
    counter += 1
    return outcome
  }

  /// Writes the prefix of the next record, if it may leave, and notes that it did.
  private mutating func begin(
    _ datagram: inout MutableRawSpan, isData: Bool, at now: Timestamp
  ) -> SealOutcome {
    guard now - establishedAt < Self.lifetime, counter < suite.sealLimit else { return .expired }
    guard rate.admits(datagram.byteCount, at: now) else { return .limited }
    let (yts, timestamp) = timestampField(at: now)
    let header = P2TPHeader(
      sop: true, lss: reporter.lss, clr: reduction.clr, yts: yts,
      first: UInt32(truncatingIfNeeded: counter), second: timestamp)
    datagram.storeBigEndian(header.word1, at: 0)
    datagram.storeBigEndian(header.word2, at: 4)
    datagram.storeBigEndian(remoteID.value, at: P2TPHeader.byteCount)
    lastSent = now
    answerBy = nil
    if isData { lastData = now }
    if isData, unheardSince == nil { unheardSince = now }
    return .sealed
  }

  /// Appends a feedback frame for the record to be sealed next.
  public mutating func appendFeedback(to frames: inout [UInt8], at now: Timestamp) {
    let held = owed.map { (now - $0.arrived).microseconds / 16 } ?? 0
    Frame.feedback(
      Feedback(
        highest: UInt32(truncatingIfNeeded: replay.next &- 1),
        received: UInt32(truncatingIfNeeded: received),
        lost: UInt32(truncatingIfNeeded: detector.lost),
        congestionExperienced: congestionExperienced, hold: UInt16(clamping: held), flags: 0)
    ).append(to: &frames)
    holdIncluded = owed != nil
    unreported = 0
    unreportedSince = nil
    reportNow = false
  }

  /// Which timestamp the next header carries. The peer's newest is returned while it is fresh, or
  /// with its hold time in the same record; every now and then, and otherwise, our own goes out
  /// (protocol §1.9).
  private mutating func timestampField(at now: Timestamp) -> (yts: Bool, value: UInt32) {
    defer { holdIncluded = false }
    if let returnCookie { return (true, returnCookie) }
    let smoothed = roundTrip.smoothed ?? .zero
    if let owed {
      let forwardDue = lastForward.map {
        returnedLast && now - $0 > max(smoothed / 4, .milliseconds(5))
      }
      let fresh = holdIncluded || now - owed.arrived <= max(smoothed / 8, .microseconds(250))
      if fresh, forwardDue == false || holdIncluded {
        self.owed = nil
        returnedLast = true
        return (true, owed.value)
      }
    }
    lastForward = now
    returnedLast = false
    return (false, clock.value(at: now))
  }

  // MARK: Receiving

  public enum OpenOutcome: Equatable, Sendable {
    /// - first: nothing of this session was received before: the peer has the keys.
    /// - newest: no record received had a higher counter.
    case accepted(first: Bool, newest: Bool)
    case replayed
    case forged
    /// Too old, or too many forgeries: the session is over.
    case expired
  }

  /// Opens a record in place; its plaintext lies between the 12-byte prefix and the 16-byte tag.
  ///
  /// - Parameter ecn: the outer ECN bits.
  public mutating func open(
    _ datagram: inout MutableRawSpan, header: P2TPHeader, ecn: UInt8, at now: Timestamp
  ) -> OpenOutcome {
    guard now - establishedAt < Self.lifetime, forgeries < suite.forgeryLimit else {
      return .expired
    }
    let counter = replay.expand(header.first)
    guard replay.accepts(counter) else { return .replayed }
    guard receiveKey.open(&datagram, prefix: DatagramKind.recordPrefix, counter: counter) else {
      forgeries += 1
      return .forged
    }
    return accept(counter, header, ecn: ecn, at: now)
  }

  /// As ``open(_:header:ecn:at:)`` with the plaintext elsewhere: exactly as many bytes as there are
  /// between prefix and tag. Its bytes are undefined unless the outcome is `accepted`.
  public mutating func open(
    _ datagram: RawSpan, into plaintext: inout MutableRawSpan, header: P2TPHeader, ecn: UInt8,
    at now: Timestamp
  ) -> OpenOutcome {
    guard now - establishedAt < Self.lifetime, forgeries < suite.forgeryLimit else {
      return .expired
    }
    let counter = replay.expand(header.first)
    guard replay.accepts(counter) else { return .replayed }
    let authentic = receiveKey.open(
      datagram, into: &plaintext, prefix: DatagramKind.recordPrefix, counter: counter)
    guard authentic else {
      forgeries += 1
      return .forged
    }
    return accept(counter, header, ecn: ecn, at: now)
  }

  /// Notes what an authentic record tells.
  private mutating func accept(
    _ counter: UInt64, _ header: P2TPHeader, ecn: UInt8, at now: Timestamp
  ) -> OpenOutcome {
    let first = received == 0
    let newest = counter >= replay.next
    replay.mark(counter)
    received += 1
    lastHeard = now
    returnCookie = nil
    confirmation = nil
    unheardSince = nil
    silenceTold = false
    unreported += 1
    if unreportedSince == nil { unreportedSince = now }
    noteLoss(detector.arrived(counter, at: now))
    if ecn == 3 {
      congestionExperienced &+= 1
      if reporter.loss(of: counter) { reportNow = true }
    }
    if counter >= flagsReadBelow { readFlags(header, counter) }
    readTimestamp(header, newest: newest, at: now)
    return .accepted(first: first, newest: newest)
  }

  /// A data packet was in the record.
  public mutating func noteData(at now: Timestamp) {
    lastData = now
    if answerBy == nil { answerBy = now + Self.passiveKeepalive }
  }

  /// A feedback frame was in the record.
  public mutating func receive(_ feedback: Feedback) {
    remoteFeedback = feedback
    guard let sample = pendingSample else { return }
    pendingSample = sample + Interval.microseconds(-16 * Int64(feedback.hold))
  }

  /// Takes the round-trip sample of the record, its hold time known by now.
  public mutating func finishRecord() {
    guard let sample = pendingSample else { return }
    roundTrip.sample(sample)
    pendingSample = nil
  }

  private mutating func readFlags(_ header: P2TPHeader, _ counter: UInt64) {
    flagsReadBelow = counter + 1
    if reporter.see(clr: header.clr, counter: counter) { reportNow = true }
    if reduction.see(lss: header.lss) == .reduce {
      rate.reduce()
      reportNow = true
    }
  }

  private mutating func readTimestamp(_ header: P2TPHeader, newest: Bool, at now: Timestamp) {
    guard header.yts else {
      if newest { owed = (header.second, now) }
      return
    }
    if now - establishedAt < CookieIssuer.lifetime, issuedCookies.contains(header.second) {
      if now - lastSent >= Self.cookieAnswerGap || counter == 0 { reportNow = true }
      return
    }
    guard lastForward != nil else { return }
    pendingSample = clock.elapsed(since: header.second, at: now)
  }

  private mutating func noteLoss(_ highest: UInt64?) {
    if let highest, reporter.loss(of: highest) { reportNow = true }
  }

  // MARK: Time

  /// What ``advance(to:)`` asks of the owner.
  public struct Due: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Send a record with feedback and no data.
    public static let record = Due(rawValue: 1)
    /// Start a handshake for fresh keys.
    public static let rekey = Due(rawValue: 2)
    /// Nothing heard though we sent: start a handshake beside this session.
    public static let silent = Due(rawValue: 4)
    /// Remove the session.
    public static let expired = Due(rawValue: 8)
  }

  /// Whether the session is old or used enough for fresh keys; told once.
  public mutating func takeRekeyDue(at now: Timestamp) -> Bool {
    let age = role == .initiator ? Self.initiatorRekey : Self.responderRekey
    guard !rekeyAsked, !isSuperseded,
      now - establishedAt >= age || counter >= suite.rekeyAfterRecords
    else { return false }
    rekeyAsked = true
    return true
  }

  /// When ``advance(to:)`` has something to do.
  public var nextDeadline: Timestamp {
    if reportNow { return establishedAt }
    var deadline = establishedAt + Self.lifetime
    if let answerBy { deadline = min(deadline, answerBy) }
    if let silence = silenceDue { deadline = min(deadline, silence) }
    if let due = feedbackDue { deadline = min(deadline, due) }
    if let keepalive = keepaliveDue { deadline = min(deadline, keepalive) }
    if let confirmation, !isSuperseded { deadline = min(deadline, confirmation.at) }
    if let loss = detector.deadline(minimumRoundTrip: roundTrip.minimum) {
      deadline = min(deadline, loss)
    }
    return deadline
  }

  private var feedbackDue: Timestamp? {
    guard let unreportedSince else { return nil }
    if unreported >= Self.feedbackEvery { return unreportedSince }
    return unreported >= Self.feedbackSoon ? unreportedSince + Self.feedbackDelay : nil
  }

  private var silenceDue: Timestamp? {
    silenceTold || isSuperseded ? nil : unheardSince.map { $0 + Self.silence }
  }

  private var keepaliveDue: Timestamp? {
    guard !isSuperseded else { return nil }
    let due = lastSent + Self.natKeepalive
    return keepOpen || due - lastData < Self.inUse ? due : nil
  }

  public mutating func advance(to now: Timestamp) -> Due {
    guard now - establishedAt < Self.lifetime else { return .expired }
    var due: Due = []
    noteLoss(detector.expire(at: now, minimumRoundTrip: roundTrip.minimum))
    let passed = [answerBy, feedbackDue, keepaliveDue].contains { $0.map { $0 <= now } ?? false }
    if reportNow || passed { due.insert(.record) }
    due.formUnion(confirm(at: now))
    if let silence = silenceDue, silence <= now {
      silenceTold = true
      due.insert(.silent)
    }
    return due
  }

  /// The peer has not been heard yet: repeats the record that it must hear, or gives up.
  private mutating func confirm(at now: Timestamp) -> Due {
    guard let (at, interval) = confirmation, at <= now, !isSuperseded else { return [] }
    guard now - establishedAt < Self.confirmationPatience else {
      confirmation = nil
      return .silent
    }
    confirmation = (now + interval * 2, interval * 2)
    return .record
  }

  /// Records lost of those sent towards us, 0...1; nil before anything arrived.
  public var lossRatio: Double? {
    let total = received + detector.lost
    return total == 0 ? nil : Double(detector.lost) / Double(total)
  }
}
