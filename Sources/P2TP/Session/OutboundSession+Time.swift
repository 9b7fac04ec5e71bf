import IPv8Crypto
import IPv8Wire

extension OutboundSession {
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
    let age = role == .initiator ? SessionTimes.initiatorRekey : SessionTimes.responderRekey
    guard !rekeyAsked, !isSuperseded,
      isFirstStrand && now - establishedAt >= age || counter >= suite.rekeyAfterRecords
    else { return false }
    rekeyAsked = true
    return true
  }

  /// When ``advance(to:)`` has something to do.
  public var nextDeadline: Timestamp {
    if reportNow { return establishedAt }
    var deadline = establishedAt + SessionTimes.lifetime
    if let answerBy { deadline = min(deadline, answerBy) }
    if let silence = silenceDue { deadline = min(deadline, silence) }
    if let due = feedbackDue { deadline = min(deadline, due) }
    if let keepalive = keepaliveDue { deadline = min(deadline, keepalive) }
    if let timeout = rate.timeoutDue { deadline = min(deadline, timeout) }
    if let confirmation, !isSuperseded { deadline = min(deadline, confirmation.at) }
    return deadline
  }

  private var feedbackDue: Timestamp? {
    guard let unreportedSince else { return nil }
    return unreported >= cadence.every ? unreportedSince : unreportedSince + cadence.delay
  }

  private var silenceDue: Timestamp? {
    silenceTold || isSuperseded || !isFirstStrand
      ? nil : unheardSince.map { $0 + SessionTimes.silence }
  }

  private var keepaliveDue: Timestamp? {
    guard !isSuperseded, isFirstStrand else { return nil }
    let due = lastSent + keepalive
    return keepOpen || due - lastData < SessionTimes.inUse ? due : nil
  }

  public mutating func advance(to now: Timestamp) -> Due {
    guard now - establishedAt < SessionTimes.lifetime, counter < suite.sealLimit else {
      return .expired
    }
    rate.expire(at: now)
    var due: Due = []
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
    guard now - establishedAt < SessionTimes.confirmationPatience else {
      confirmation = nil
      return .silent
    }
    confirmation = (now + interval * 2, interval * 2)
    return .record
  }
}
