import IPv8Wire

/// How much a responder does for a stranger's first message (protocol §1.4).
///
/// Rules, from calm to flood:
/// - `none`: build a session at once; the reply completes the open in one round trip.
/// - `cookie`, from 200 first messages a second or 256 pending sessions: answer with eight stateless
///   bytes until the sender returned a timestamp.
/// - `token`, from 5,000 first messages a second or 50 good cookies a second with bad Noise: the
///   sender must return a 128-bit token too.
/// A level is left after 10 s below its thresholds.
///
/// Senders from where no contact is known to be are counted apart: they need cookies from 50 first
/// messages a second on, raise no level but their own, and under any have 20 handshakes a second.
public struct LoadGate: Sendable {
  public enum Level: Int, Sendable, Comparable {
    case none, cookie, token
    public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
  }

  static let cookieRate = 200
  static let tokenRate = 5_000
  static let forgeryRate = 50
  /// Of unknown senders: before they need cookies, and what they get then.
  static let unknownCookieRate = 50
  static let unknownShare: Int64 = 20
  static let unknownBurst: Int64 = 40
  static let pendingThreshold = 256
  static let calm = Interval.seconds(10)
  /// First messages of one source network (IPv4 /24, IPv6 /56) while the gate is not calm: a second,
  /// and at once.
  static let sourceRate: Int64 = 20
  static let sourceBurst: Int64 = 40
  static let sourceSlots = 1024

  private var second: UInt64 = 0
  private var arrivals = 0
  private var unknownArrivals = 0
  private var forgeries = 0
  private var raised: [Timestamp?] = [nil, nil]
  private var raisedForUnknown: [Timestamp?] = [nil, nil]
  private var unknown = TokenBucket(rate: unknownShare, burst: unknownBurst)

  public init() {}

  /// Who may come how often while the gate is not calm.
  ///
  /// - Parameter salt: random.
  public static func sources(salt: UInt64) -> SourceBuckets {
    SourceBuckets(
      slots: sourceSlots, rate: sourceRate, burst: sourceBurst, v4Length: 24, salt: salt)
  }

  /// Notes a first message and tells how to treat it.
  ///
  /// - Parameter isKnown: a contact may be where it comes from.
  public mutating func arrival(
    pending: Int, isKnown: Bool = true, at now: Timestamp
  ) -> Level {
    roll(now)
    guard isKnown else { return unknownArrival(pending: pending, at: now) }
    arrivals += 1
    if arrivals > Self.cookieRate || pending > Self.pendingThreshold { raised[0] = now }
    if arrivals > Self.tokenRate { raised[1] = now }
    return level(at: now)
  }

  /// Notes a first message with a good cookie that failed to authenticate.
  public mutating func forgery(at now: Timestamp) {
    roll(now)
    forgeries += 1
    if forgeries > Self.forgeryRate { raised[1] = now }
  }

  public func level(at now: Timestamp) -> Level { Self.level(raised, at: now) }

  private mutating func unknownArrival(pending: Int, at now: Timestamp) -> Level {
    unknownArrivals += 1
    if pending > Self.pendingThreshold { raised[0] = now }
    if unknownArrivals > Self.unknownCookieRate { raisedForUnknown[0] = now }
    if unknownArrivals > Self.tokenRate { raisedForUnknown[1] = now }
    return max(level(at: now), Self.level(raisedForUnknown, at: now))
  }

  /// Whether an unknown sender that returned what it was to may have a handshake under load.
  public mutating func takeUnknown(at now: Timestamp) -> Bool { unknown.take(at: now) }

  private static func level(_ raised: [Timestamp?], at now: Timestamp) -> Level {
    func stands(_ time: Timestamp?) -> Bool { time.map { now - $0 < calm } ?? false }
    if stands(raised[1]) { return .token }
    return stands(raised[0]) ? .cookie : .none
  }

  private mutating func roll(_ now: Timestamp) {
    guard now.seconds != second else { return }
    second = now.seconds
    arrivals = 0
    unknownArrivals = 0
    forgeries = 0
  }
}
