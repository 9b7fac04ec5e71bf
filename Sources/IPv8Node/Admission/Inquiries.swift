import IPv8Wire

/// Unknown callers that somebody else is to judge, and the verdicts that were against them.
///
/// Rules:
/// - one question at a time about a peer; without a verdict it is forgotten after 5 s;
/// - a refusal stands for 10 s, so that who calls again and again costs nobody anything;
/// - the callers of one network, and all together, bring about only so many questions.
struct Inquiries: Sendable {
  /// Questions without a verdict, and refusals that are remembered; beyond either nothing is added.
  static let limit = 256
  static let refusalLimit = 1_024
  static let patience = Interval.seconds(5)
  static let refusalTime = Interval.seconds(10)
  /// Questions by callers of one source network (IPv4 /24, IPv6 /56), a second and at once.
  static let sourceRate: Int64 = 2
  static let sourceBurst: Int64 = 8
  static let sourceSlots = 1_024
  /// And of all.
  static let rate: Int64 = 50
  static let burst: Int64 = 100

  enum Outcome: Equatable {
    case ask, waiting
    case refused(AdmissionRefusal)
  }

  private var asked: [PermID: Timestamp] = [:]
  private var refusals: [PermID: (reason: AdmissionRefusal, until: Timestamp)] = [:]
  private var sources: SourceBuckets
  private var allowance = TokenBucket(rate: rate, burst: burst)

  /// - Parameter salt: random.
  init(salt: UInt64) {
    sources = SourceBuckets(
      slots: Self.sourceSlots, rate: Self.sourceRate, burst: Self.sourceBurst, v4Length: 24,
      salt: salt)
  }

  var count: Int { asked.count }

  /// What is to be done about a caller.
  ///
  /// - Parameter source: where it called from; nil where a peer told of it.
  mutating func take(
    _ permID: PermID, from source: IPAddress?, at now: Timestamp
  ) -> Outcome {
    if let refusal = refusals[permID] {
      if refusal.until > now { return .refused(refusal.reason) }
      refusals[permID] = nil
    }
    if let since = asked[permID], now - since < Self.patience { return .waiting }
    if asked.count >= Self.limit { asked = asked.filter { now - $0.value < Self.patience } }
    guard asked.count < Self.limit, source.map({ sources.take($0, at: now) }) ?? true,
      allowance.take(at: now)
    else { return .refused(.inquiries) }
    asked[permID] = now
    return .ask
  }

  mutating func admitted(_ permID: PermID) {
    asked[permID] = nil
    refusals[permID] = nil
  }

  mutating func refused(_ permID: PermID, _ reason: AdmissionRefusal, at now: Timestamp) {
    asked[permID] = nil
    if refusals.count >= Self.refusalLimit { refusals = refusals.filter { $0.value.until > now } }
    guard refusals.count < Self.refusalLimit else { return }
    refusals[permID] = (reason, now + Self.refusalTime)
  }

  /// Who was refused is judged anew.
  mutating func forgetRefusals() { refusals = [:] }
}
