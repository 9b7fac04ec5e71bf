import IPv8Wire

/// Questions under way: own ones, and those of peers that were passed on.
struct QueryTable: Sendable {
  /// Peers that are asked at once.
  static let fanOut = 3
  /// Until a peer counts as not knowing, and until the question is given up.
  static let patience = Interval.seconds(1)
  static let end = Interval.seconds(3)
  /// How long a question passed on is remembered, and that nobody knew an address.
  static let memory = Interval.seconds(10)

  struct Resolution: Sendable {
    let address: OverlayAddress
    let request: UInt64
    var asked: Set<PermID> = []
    /// Of these an answer is awaited.
    var open = 0
    var nextAt: Timestamp
    let endsAt: Timestamp
  }

  struct Passed: Sendable {
    let address: OverlayAddress
    let from: PermID
    var waiting: Set<PermID>
    let endsAt: Timestamp
    var isAnswered = false
  }

  /// In the order in which they were asked.
  var resolutions: [Resolution] = []
  var passed: [UInt64: Passed] = [:]
  /// Requests passed on, the oldest first, with the time when they are forgotten.
  private var order: [(request: UInt64, until: Timestamp)] = []
  private var head = 0
  private var unknown: [OverlayAddress: Timestamp] = [:]

  var deadline: Timestamp {
    var deadline = resolutions.reduce(Timestamp.distantFuture) {
      min($0, min($1.nextAt, $1.endsAt))
    }
    if head < order.count { deadline = min(deadline, order[head].until) }
    return deadline
  }

  var hasRoomToPass: Bool { order.count - head < DirectoryLimits.passedQueries }

  mutating func pass(_ request: UInt64, _ query: Passed, at now: Timestamp) {
    passed[request] = query
    order.append((request, now + Self.memory))
  }

  mutating func forget(at now: Timestamp) {
    while head < order.count, order[head].until <= now {
      passed[order[head].request] = nil
      head += 1
    }
    if head * 2 > order.count {
      order.removeFirst(head)
      head = 0
    }
  }

  func isUnknown(_ address: OverlayAddress, at now: Timestamp) -> Bool {
    unknown[address].map { now < $0 } ?? false
  }

  mutating func noteUnknown(_ address: OverlayAddress, at now: Timestamp) {
    if unknown.count >= DirectoryLimits.unknownAddresses {
      unknown = unknown.filter { now < $0.value }
      if unknown.count >= DirectoryLimits.unknownAddresses { unknown = [:] }
    }
    unknown[address] = now + Self.memory
  }

  mutating func noteKnown(_ address: OverlayAddress) { unknown[address] = nil }
}
