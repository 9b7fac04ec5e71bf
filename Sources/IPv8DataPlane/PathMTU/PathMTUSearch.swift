import IPv8Wire

/// Which records one way to a peer takes (RFC 8899; docs/protocol/path-mtu.md), in virtual time.
///
/// Sizes are bytes of records: of UDP payload, a relay's prefix aside. Rules:
/// - Nothing is asked before the way is used by records longer than ``minimum``.
/// - A first way is assumed to take ``usual``, and asked at once whether it takes all that the interface
///   gives; one that a peer moved to is asked the same, but data keeps to ``base`` until it answers.
/// - A probe counts as lost only when a short question that left behind it was answered: silence says
///   nothing of sizes. A size fails after ``attempts`` lost probes.
/// - When what data uses fails, data falls to ``base``, or from there to ``minimum``, at once. Nothing else
///   lowers it: what routers claim is not listened to, but what the own kernel refuses is.
struct PathMTUSearch: Sendable, Equatable {
  /// RFC 8899 §5.2.
  enum State: Sendable {
    /// No size is confirmed; data takes an assumed one.
    case base
    case searching, complete
    /// Not even ``base`` passes.
    case error
  }

  /// BASE_PLPMTU (RFC 8899 §5.1.2).
  static let base = 1200
  /// What nearly all networks take: an interface MTU of 1280 bytes.
  static let usual = 1280 + PeerPath.recordOverhead + 1
  /// MIN_PLPMTU: IPv4 hosts take 576 bytes (RFC 791 §3.1).
  static let minimum = 548
  /// MAX_PROBES.
  static let attempts = 3
  /// The search ends when a size passes and one so much larger does not.
  static let step = 8
  /// PMTU_RAISE_TIMER.
  static let raiseInterval = Interval.seconds(600)
  /// Between two verifications of a size that passed, however suspect it is.
  static let suspicionInterval = Interval.seconds(1)
  /// An unanswered pair of questions is repeated so often, at doubled intervals, before the way counts
  /// as unused.
  static let silences = 5
  static let patienceBounds = Interval.milliseconds(100)...Interval.seconds(1)
  /// A probe may come so much later than the short question behind it, or half a round trip.
  static let disorder = Interval.milliseconds(30)

  /// Of a probe and of the short question behind it.
  struct Tokens: Sendable, Equatable {
    let probe: UInt64
    let companion: UInt64
  }

  /// Questions under way.
  struct Probe: Sendable, Equatable {
    let size: Int
    let tokens: Tokens
    var sentAt: Timestamp?
    var deadline: Timestamp
    var isReached = false
    var lost = 0
    var silent = 0
  }

  let maximum: Int
  private(set) var state = State.base
  /// What data may take.
  private(set) var size: Int
  /// The largest size that was answered; 0 where none was.
  private(set) var confirmed = 0
  /// The least size that failed.
  private(set) var ceiling: Int
  private(set) var isBegun = false
  private(set) var probe: Probe?
  private(set) var raiseAt: Timestamp?
  private var verifiedAt: Timestamp?

  /// - Parameters:
  ///   - maximum: the longest record that this host has for anyone.
  ///   - isTrusted: whether data may use ``usual`` before it is confirmed.
  init(maximum: Int, isTrusted: Bool) {
    self.maximum = max(maximum, Self.minimum)
    size = min(isTrusted ? Self.usual : Self.base, self.maximum)
    ceiling = self.maximum + 1
  }

  /// Whether nothing speaks against the maximum yet: what was sent of it was not lost.
  var isUnrefuted: Bool { state == .base && ceiling > maximum && size > Self.base }

  /// Whether the size is the last word for now.
  var isSettled: Bool { state == .complete || state == .error && probe == nil }

  // MARK: Asking

  /// The way is used by records that are not short.
  mutating func begin(at now: Timestamp, _ tokens: Tokens) {
    guard !isBegun else { return }
    isBegun = true
    if confirmed > 0 {
      goOn(at: now, tokens)
    } else {
      ask(state == .base ? maximum : min(Self.base, size), at: now, tokens)
    }
  }

  /// Records of the size that data uses may be vanishing: asks whether they do.
  mutating func suspect(at now: Timestamp, _ tokens: Tokens) {
    guard isBegun, size > Self.minimum,
      verifiedAt.map({ now - $0 >= Self.suspicionInterval }) ?? true
    else { return }
    if let probe, probe.size <= size { return }
    verifiedAt = now
    ask(size, at: now, tokens)
  }

  /// Stops asking until the way is used again.
  mutating func suspend() {
    isBegun = false
    probe = nil
  }

  private mutating func ask(_ size: Int, at now: Timestamp, _ tokens: Tokens) {
    probe = Probe(size: size, tokens: tokens, deadline: now)
  }

  /// When ``advance(to:smoothed:_:)`` has something to do.
  var nextDeadline: Timestamp? { probe?.deadline ?? (isBegun ? raiseAt : nil) }

  /// Returns the probe that must be sent now with the short question behind it; nil where none is.
  mutating func advance(
    to now: Timestamp, smoothed: Interval?, _ tokens: Tokens
  ) -> Probe? {
    if probe == nil, isBegun, let raiseAt, raiseAt <= now {
      self.raiseAt = nil
      ceiling = maximum + 1
      ask(maximum, at: now, tokens)
    }
    if let asked = probe, asked.sentAt != nil, asked.deadline <= now {
      expire(at: now, tokens)
    }
    guard let due = probe, due.sentAt == nil else { return nil }
    let bounds = Self.patienceBounds
    let patience = min(
      max((smoothed ?? .milliseconds(150)) * 2, bounds.lowerBound), bounds.upperBound)
    probe?.sentAt = now
    probe?.isReached = false
    probe?.deadline = now + patience * (1 << Int64(due.silent))
    return due
  }

  private mutating func expire(at now: Timestamp, _ tokens: Tokens) {
    guard var asked = probe else { return }
    if asked.isReached { asked.lost += 1 } else { asked.silent += 1 }
    // What was only assumed is not used further on a way that takes less than it was asked for.
    if asked.isReached, confirmed == 0, asked.size > size { size = min(size, Self.base) }
    guard asked.lost < Self.attempts else { return failed(asked.size, at: now, tokens) }
    guard asked.silent < Self.silences else { return suspend() }
    asked.sentAt = nil
    asked.deadline = now
    probe = asked
  }

  // MARK: Answers

  /// A RESPONSE came. Whether it was to one of these questions.
  mutating func answered(_ answer: UInt64, at now: Timestamp, _ tokens: Tokens) -> Bool {
    guard let asked = probe, let sentAt = asked.sentAt else { return false }
    if answer == asked.tokens.companion {
      guard !asked.isReached else { return true }
      probe?.isReached = true
      probe?.deadline = now + max((now - sentAt) / 2, Self.disorder)
      return true
    }
    guard answer == asked.tokens.probe else { return false }
    confirmed = max(confirmed, asked.size)
    size = confirmed
    goOn(at: now, tokens)
    return true
  }

  /// This host's own kernel refuses a record of `byteCount`.
  mutating func refused(_ byteCount: Int, at now: Timestamp, _ tokens: Tokens) {
    guard byteCount > Self.minimum else { return }
    ceiling = min(ceiling, byteCount)
    isBegun = true
    if size >= byteCount {
      failed(size, at: now, tokens)
    } else if let asked = probe, asked.size >= byteCount {
      failed(asked.size, at: now, tokens)
    }
  }

  /// Asks for the next size, or has found the one.
  private mutating func goOn(at now: Timestamp, _ tokens: Tokens) {
    guard confirmed < maximum, ceiling - confirmed > Self.step else {
      state = .complete
      probe = nil
      raiseAt = raiseAt ?? now + Self.raiseInterval
      return
    }
    state = .searching
    ask(ceiling > maximum ? maximum : (confirmed + ceiling) / 2, at: now, tokens)
  }

  private mutating func failed(_ failed: Int, at now: Timestamp, _ tokens: Tokens) {
    if failed > size {
      ceiling = min(ceiling, failed)
      if confirmed > 0 { return goOn(at: now, tokens) }
    } else {
      // It is asked for again later, as the loss may have been chance.
      confirmed = 0
      raiseAt = nil
      size = size > Self.base && ceiling > Self.base ? Self.base : Self.minimum
    }
    guard size > Self.minimum else {
      state = .error
      if failed == Self.minimum {
        suspend()
      } else {
        ask(Self.minimum, at: now, tokens)
      }
      return
    }
    state = .base
    ask(size, at: now, tokens)
  }
}
