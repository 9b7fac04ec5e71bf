import IPv8Crypto
import IPv8Wire

/// The inbound side of one open session: opens the peer's records and keeps what they tell: replay,
/// loss, round trip (protocol §1.7 to §1.10, §2.4).
///
/// The owner calls, in this order:
/// - for each record received: ``open(_:into:header:from:ecn:at:)``, then ``receive(_:)`` for a
///   feedback frame in it and ``noteData(_:at:)`` for a packet, then ``finishRecord()``;
/// - whenever ``nextDeadline`` has passed: ``expireLoss(at:)``;
/// - now and then ``takeReception()``, whose value goes to the ``OutboundSession``.
public struct InboundSession: ~Copyable {
  public enum OpenOutcome: Equatable, Sendable {
    /// - first: nothing of this session was received before: the peer has the keys.
    /// - newest: no record received had a higher counter.
    case accepted(first: Bool, newest: Bool)
    case replayed
    case forged
    /// Too old, or too many forgeries: the session is over.
    case expired
  }

  /// Whose session this is, for the owner's use.
  public let peer: PeerIndex
  public let localID: SessionID
  public let establishedAt: Timestamp
  let suite: AEADSuite
  let key: AEADKey
  let clock: OpenClock
  let issuedCookies: [UInt32]

  var replay = ReplayWindow()
  var forgeries: UInt64 = 0
  var pendingSample: Interval?
  /// The record opened last, and the last one with a report that was taken.
  var opened: UInt64 = 0
  var reported: UInt64 = 0
  var roundTrip = RoundTrip()
  /// When our datagrams began to take the present path.
  var pathSince = Timestamp(nanoseconds: 0)
  var reporter = LossReporter()
  var detector = LossDetector()
  var flagsReadBelow: UInt64 = 0
  var congestionExperienced: UInt32 = 0
  var cadence = FeedbackCadence()
  /// Records with data of which the outbound side was not told so that it reports them, and when it
  /// is to be; nil for none.
  var unreported: UInt32 = 0
  var reportBy: Timestamp?
  /// Authentic records.
  public internal(set) var received: UInt64 = 0
  /// What is to be told; valid while ``hasReception``.
  var reception: Reception
  public internal(set) var hasReception = false
  /// The peer's LSS and source as last told: a change of them is urgent.
  var toldLSS = false
  var toldSource: Endpoint?

  public init(_ established: EstablishedSession, of peer: PeerIndex) {
    self.peer = peer
    localID = established.localID
    suite = established.suite
    establishedAt = established.establishedAt
    key = AEADKey(suite: established.suite, key: established.receiveKey)
    clock = OpenClock(offset: established.clockOffset)
    issuedCookies = established.issuedCookies
    reception = Reception(established.localID, at: established.establishedAt)
    if let sample = established.roundTrip { roundTrip.sample(sample) }
  }

  /// Opens a record into `plaintext`: exactly as many bytes as there are between the 12-byte prefix
  /// and the 16-byte tag. Its bytes are undefined unless the outcome is `accepted`.
  ///
  /// - Parameter ecn: the outer ECN bits.
  public mutating func open(
    _ datagram: RawSpan, into plaintext: inout MutableRawSpan, header: P2TPHeader,
    from source: Endpoint, ecn: UInt8, at now: Timestamp
  ) -> OpenOutcome {
    guard now - establishedAt < SessionTimes.lifetime, forgeries < suite.forgeryLimit else {
      return .expired
    }
    let counter = replay.expand(header.first)
    guard replay.accepts(counter) else { return .replayed }
    let authentic = key.open(
      datagram, into: &plaintext, prefix: DatagramKind.recordPrefix, counter: counter)
    guard authentic else {
      forgeries += 1
      return .forged
    }
    let first = received == 0
    let newest = counter >= replay.next
    replay.mark(counter)
    opened = counter
    received += 1
    note(source, datagram.byteCount, newest: newest, first: first, at: now)
    noteLoss(detector.arrived(counter, at: now, smoothed: roundTrip.smoothed), at: now)
    if ecn == 3 { noteCongestion(counter) }
    if counter >= flagsReadBelow { readFlags(header, counter) }
    readTimestamp(header, newest: newest, at: now)
    return .accepted(first: first, newest: newest)
  }

  /// Data packets of `byteCount` bytes were in the record.
  public mutating func noteData(_ byteCount: Int, at now: Timestamp) {
    begin(at: now)
    reception.dataAt = (reception.dataAt?.first ?? now, now)
    reception.dataBytes += UInt64(byteCount)
    if received > 0 { noteUnreported(at: now) }
  }

  /// The record just opened says that the peer is where it comes from.
  public mutating func noteHere(at now: Timestamp) {
    begin(at: now)
    reception.saysHere = true
    reception.isUrgent = true
  }

  /// A feedback frame was in the record just opened.
  public mutating func receive(_ feedback: Feedback) {
    // An older one that comes late says nothing; the sender of what is reported may wait for it.
    if opened >= reported {
      reported = opened
      reception.peerFeedback = feedback
      reception.isUrgent = true
    }
    guard let sample = pendingSample else { return }
    // Saturated: nobody knows how long.
    pendingSample =
      feedback.hold == .max ? nil : sample + Interval.microseconds(-16 * Int64(feedback.hold))
  }

  /// Takes the round-trip sample of the record, its hold time known by now.
  public mutating func finishRecord() {
    guard let sample = pendingSample else { return }
    pendingSample = nil
    guard sample > .zero else { return }
    roundTrip.sample(sample)
    let known = reception.roundTrips
    reception.roundTrips = Reception.RoundTrips(
      count: (known?.count ?? 0) + 1, least: min(known?.least ?? sample, sample), latest: sample)
  }

  /// Our datagrams take another path since `time`: answers to what was sent before say nothing of it.
  public mutating func pathChanged(at time: Timestamp) {
    pathSince = time
    roundTrip.forgetMinimum()
  }

  /// When ``expireLoss(at:)`` has something to do; nil while nothing is missing and no data is
  /// unreported.
  public var nextDeadline: Timestamp? {
    let loss = detector.deadline(minimumRoundTrip: roundTrip.minimum)
    guard let reportBy else { return loss }
    return min(loss ?? reportBy, reportBy)
  }

  /// Declares lost what has been missing for the reordering window; and makes news urgent where data
  /// must be reported.
  public mutating func expireLoss(at now: Timestamp) {
    if let reportBy, reportBy <= now {
      begin(at: now)
      reception.isUrgent = true
    }
    noteLoss(detector.expire(at: now, minimumRoundTrip: roundTrip.minimum), at: now)
  }
}
