import IPv8Traversal
import IPv8Wire

/// One attempt to get through to a peer's own addresses: what is left of its schedule.
struct PunchAttempt: Sendable {
  /// Endpoints that were heard, and how often each is followed.
  static let heardLimit = 8
  static let followLimit = 3

  let method: PunchMethod
  let start: Timestamp
  /// When the next method begins: the same on both sides.
  let end: Timestamp
  let candidateCount: Int
  /// Where the peer may knock from: a NAT may give it another port towards us.
  private let addresses: Set<IPAddress>
  /// The next is last.
  private var knocks: [ScheduledKnock]
  private var heard: [Endpoint: Int] = [:]
  /// The extra sockets that were opened, by their places in the schedule.
  private(set) var sockets: [Int: UInt32] = [:]

  init(
    _ method: PunchMethod, _ knocks: [ScheduledKnock], at candidates: [Candidate],
    start: Timestamp
  ) {
    self.method = method
    self.start = start
    candidateCount = candidates.count
    self.knocks = knocks.reversed()
    addresses = Set(candidates.map(\.endpoint.address))
    end = start + Self.duration(of: method)
  }

  /// The longest schedule and the time for a last answer.
  private static func duration(of method: PunchMethod) -> Interval {
    switch method {
    case .simultaneousOpen, .relay: .milliseconds(2_500)
    case .prediction: .seconds(3)
    case .birthday: .seconds(13)
    }
  }

  /// Whether a knock from `endpoint` is the peer's, as far as addresses can tell.
  func expects(_ endpoint: Endpoint) -> Bool {
    if case .socket(let number) = endpoint.carrier { return sockets.values.contains(number) }
    return addresses.contains(endpoint.address)
  }

  var nextDeadline: Timestamp { knocks.last.map { start + $0.at } ?? end }

  mutating func due(at now: Timestamp) -> [ScheduledKnock] {
    var due: [ScheduledKnock] = []
    while let next = knocks.last, start + next.at <= now { due.append(knocks.removeLast()) }
    return due
  }

  mutating func opened(_ number: UInt32, as place: Int) { sockets[place] = number }

  /// Something came from there. Whether it is worth a knock with all that opens, or a challenge.
  mutating func follows(_ endpoint: Endpoint) -> Bool {
    let count = heard[endpoint, default: 0]
    guard expects(endpoint), count < Self.followLimit,
      count > 0 || heard.count < Self.heardLimit
    else { return false }
    heard[endpoint] = count + 1
    return true
  }
}
