import IPv8Wire

/// How fast one session may send data: CUBIC's window over all inner flows, paced (docs/protocol:
/// rate control).
///
/// The session tells it of every record sent and of every report of the peer; its owner asks
/// ``departure(of:at:)`` before a record with data. No time but what it is told, no allocation per
/// record.
public struct RateControl: Sendable {
  public enum Fairness: Sendable, Equatable {
    /// The session has the share of its inner flows and one more.
    case perFlow
    /// It has the share of one flow.
    case perPeer
  }

  public enum Mode: Sendable, Equatable {
    case cubic(fairness: Fairness = .perFlow)
    /// Nothing waits; losses are signalled and counted all the same.
    case observe
    /// A fixed rate, whatever is lost.
    case fixed(bitsPerSecond: Int64)
  }

  /// Flows that the window stands for, without the one more.
  static let flowLimit = 8
  /// Pacing, in windows per round trip.
  static let slowStartGain = 4.0
  static let gain = 1.25
  /// What may leave at once: so many packets, or what the rate is in so long.
  static let burstPackets = 4
  static let burstTime = Interval.milliseconds(1)
  /// Where the rate is fixed, what it is in so long may leave at once.
  static let fixedBurst = Interval.milliseconds(10)
  static let leastTimeout = Interval.seconds(1)
  /// A full window of which nothing is heard for two round trips, and so long at least, lets one record
  /// more leave: the report that would have opened it may be lost (RFC 8985 §7).
  static let leastProbeTime = Interval.milliseconds(25)
  /// Bytes of a packet where no larger record was sent.
  static let leastSegment = 1_400

  public let mode: Mode
  var window = CubicWindow()
  var rounds = SlowStartRounds()
  var sent = SentRecords()
  var delivery = DeliveryRate()
  var validation = ECNValidation()
  var standing = StandingQueue()
  /// Whether the window heeds a queue of its own.
  var heedsQueue = true
  var roundTrip = RoundTrip()
  /// The size of the largest record with data, at least ``leastSegment``.
  private(set) var segment = leastSegment

  // Pacing.
  private var nanosecondsPerByte = 0.0
  private var burst = burstTime
  /// When what was sent has left at the paced rate.
  var drainedAt = Timestamp(nanoseconds: 0)

  // Whether the window is what limits.
  var isBacklogged = false
  var wasBacklogged = false
  var peakInFlight = 0
  /// Up to here the window's time of growth was counted.
  var accountedAt: Timestamp?

  // Timeout.
  /// When the oldest record that is out left, or the last report of progress came.
  var outSince: Timestamp?
  var lastDataAt: Timestamp?
  /// Timeouts since the last progress.
  var timeoutsInRow: UInt64 = 0
  /// Bytes sent that are no longer waited for.
  var writtenOff: UInt64 = 0
  var writtenOffLosses = WrittenOffLosses()

  // The peer's reports.
  var last = Counts()
  /// As they were when the last event was over.
  var atEvent = Counts()
  /// The first counter sent by the present path.
  var pathStart: UInt64 = 0
  /// No growth until this counter is reported.
  var recoveryPoint: UInt64 = 0
  var undo: Undo?

  /// Events that the receiver signalled.
  public internal(set) var reductions: UInt64 = 0
  var congestionReductions: UInt64 = 0
  var undone: UInt64 = 0
  var timeouts: UInt64 = 0

  public init(mode: Mode = .cubic(fairness: .perFlow)) {
    self.mode = mode
    repace()
  }

  /// For the session that follows another to the same peer by the same path: the window goes on.
  public init(continuing previous: RateControl) {
    self = previous
    rounds = SlowStartRounds()
    sent = SentRecords()
    validation.follow()
    pathStart = 0
    if let before = standing.follow() {
      window = before
      window.flows = previous.window.flows
    }
    isBacklogged = false
    wasBacklogged = false
    peakInFlight = 0
    outSince = nil
    timeoutsInRow = 0
    writtenOff = 0
    writtenOffLosses = WrittenOffLosses()
    last = Counts()
    atEvent = Counts()
    recoveryPoint = 0
    undo = nil
  }

  @inline(__always)
  var isControlled: Bool { if case .cubic = mode { true } else { false } }
  @inline(__always)
  var windowBytes: Int { Int(window.window * Double(segment)) }
  @inline(__always)
  var bytesInFlight: Int { Int(sent.next.bytes - max(sent.base.bytes, writtenOff)) }
  /// max(1 s, 4 srtt).
  var timeout: Interval {
    max(Self.leastTimeout, (roundTrip.smoothed ?? Self.leastTimeout / 4) * 4)
  }
  /// Whether more would have been sent, or as much as half the window was.
  var isLimited: Bool {
    isBacklogged || wasBacklogged || 2 * max(peakInFlight, bytesInFlight) >= windowBytes
  }

  // MARK: Sending

  /// The earliest time that a record of `byteCount` with data may leave: not after `now` for at once,
  /// much later while the window is full, which a report or the timeout reopens earlier.
  ///
  /// A batch that is larger than a packet may leave where a packet may: it is in flight as a whole
  /// then.
  @inline(__always)
  public func departure(of byteCount: Int, at now: Timestamp) -> Timestamp {
    if isControlled {
      let inFlight = bytesInFlight
      guard inFlight == 0 || inFlight + min(byteCount, segment) <= windowBytes else {
        return probeDue
      }
    }
    return nanosecondsPerByte > 0 ? drainedAt + burst * -1 : now
  }

  @inline(__always)
  private var probeDue: Timestamp {
    guard let heard = outSince, let lastDataAt else { return .distantFuture }
    let patience = max((roundTrip.smoothed ?? Self.leastTimeout) * 2, Self.leastProbeTime)
    return max(heard, lastDataAt) + patience
  }

  /// The record `counter` leaves.
  mutating func noteSent(_ counter: UInt64, _ byteCount: Int, isData: Bool, at now: Timestamp) {
    validation.sent(counter)
    guard isData else { return sent.note(counter, bytes: 0, isMarked: isControlled) }
    if bytesInFlight == 0 { resume(at: now) }
    lastDataAt = now
    if byteCount > segment {
      segment = byteCount
      repace()
    }
    let cost = Interval(nanoseconds: Int64(nanosecondsPerByte * Double(byteCount)))
    drainedAt = max(drainedAt, now) + cost
    sent.note(counter, bytes: byteCount, isMarked: isControlled)
    peakInFlight = max(peakInFlight, bytesInFlight)
  }

  /// Data goes out after none was out.
  private mutating func resume(at now: Timestamp) {
    outSince = now
    if let lastDataAt, now - lastDataAt > timeout {
      window.rest(now - lastDataAt, timeout: timeout)
      repace()
    }
    account(isUsed: false, at: now)
  }

  /// Time in which the window was not used is none in which it grows.
  mutating func account(isUsed: Bool, at now: Timestamp) {
    if !isUsed, let accountedAt, accountedAt < now { window.pause(now - accountedAt) }
    accountedAt = now
  }

  /// Bytes per second; nil while the round trip is unknown.
  var pacingRate: Double? {
    guard isControlled, let smoothed = roundTrip.smoothed, smoothed > .zero else { return nil }
    let isStarting = window.isSlowStart && !rounds.isConservative
    let gain = isStarting ? Self.slowStartGain : Self.gain
    return gain * window.window * Double(segment) / smoothed.asSeconds
  }

  /// The window, the round trip or the packet's size changed.
  mutating func repace() {
    if case .fixed(let bitsPerSecond) = mode {
      nanosecondsPerByte = 8e9 / Double(max(bitsPerSecond, 1))
      burst = Self.fixedBurst
      return
    }
    guard let rate = pacingRate else {
      nanosecondsPerByte = 0
      return
    }
    nanosecondsPerByte = 1e9 / rate
    let packets = nanosecondsPerByte * Double(Self.burstPackets * segment)
    burst = max(Self.burstTime, Interval(nanoseconds: Int64(min(packets, 1e9))))
  }

  /// Inner flows in use, as the owner counts them.
  mutating func setActiveFlows(_ count: Int) {
    guard mode != .cubic(fairness: .perPeer) else { return }
    window.stand(for: Double(min(max(count, 0), Self.flowLimit) + 1))
    repace()
  }

  /// Whether data waits for its departure.
  mutating func noteBacklog(_ isBacklogged: Bool) {
    self.isBacklogged = isBacklogged
    if isBacklogged { wasBacklogged = true }
  }

  /// The ECN bits of the next datagram.
  @inline(__always)
  var ecn: UInt8 { isControlled ? validation.codepoint : ECNValidation.notECT }

  private var state: RateReport.State {
    if !isControlled { return .observe }
    if sent.base.counter < recoveryPoint { return .recovery }
    if !window.isSlowStart { return .avoidance }
    return rounds.isConservative ? .conservativeSlowStart : .slowStart
  }

  public var report: RateReport {
    RateReport(
      state: state, window: windowBytes,
      threshold: window.threshold < .infinity ? Int(window.threshold * Double(segment)) : nil,
      flows: Int(window.flows), isBacklogged: isBacklogged, bytesInFlight: bytesInFlight,
      pacingRate: pacingRate, deliveryRate: delivery.current,
      availableRate: delivery.available, reductions: reductions,
      congestionReductions: congestionReductions, undone: undone, timeouts: timeouts)
  }
}
