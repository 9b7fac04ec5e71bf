import IPv8Wire

/// The stream connection to one peer, where its user told HTTPS addresses.
struct StreamWay: Sendable {
  enum State: Sendable, Equatable {
    case none, dialling
    case open(UInt32)
  }

  /// A call has gone so long without an answer by UDP before it dials.
  static let patience = Interval.seconds(2)
  /// After a failure, and at most, doubled from one to the next.
  static let firstWait = Interval.seconds(1)
  static let longestWait = Interval.seconds(60)
  /// How soon direct ways are asked after traffic went to the stream, and then again and again.
  static let directWaits = [10, 30, 60].map { Interval.seconds($0) }
  /// A stream without a use is kept so long.
  static let idleTime = Interval.seconds(60)

  var state = State.none
  private var failures = 0
  private(set) var notBefore = Timestamp(nanoseconds: 0)
  /// When direct ways are asked next, and how often they were.
  private(set) var askDirectAt = Timestamp.distantFuture
  private var asked = 0
  private(set) var hangUpAt = Timestamp.distantFuture

  var endpoint: Endpoint? {
    if case .open(let number) = state { Endpoint(.stream(number)) } else { nil }
  }

  mutating func opened(_ number: UInt32) {
    state = .open(number)
    hangUpAt = .distantFuture
    asked = 0
  }

  /// It could not be dialled, or broke.
  mutating func failed(at now: Timestamp) {
    state = .none
    let wait = Self.firstWait * (1 << Int64(min(failures, 6)))
    failures += 1
    notBefore = now + min(wait, Self.longestWait)
  }

  /// Traffic goes by it. Whether it is time to ask the direct ways.
  mutating func isUsed(at now: Timestamp) -> Bool {
    failures = 0
    hangUpAt = .distantFuture
    let wait = Self.directWaits[min(asked, Self.directWaits.count - 1)]
    if askDirectAt == .distantFuture {
      askDirectAt = now + wait
      return false
    }
    guard askDirectAt <= now else { return false }
    asked += 1
    askDirectAt = now + Self.directWaits[min(asked, Self.directWaits.count - 1)]
    return true
  }

  /// Traffic goes by better ways. Whether to end it.
  mutating func isIdle(at now: Timestamp) -> Bool {
    askDirectAt = .distantFuture
    asked = 0
    if hangUpAt == .distantFuture { hangUpAt = now + Self.idleTime }
    return hangUpAt <= now
  }

  /// Nothing answers, and it may be the way again.
  mutating func isWanted() { hangUpAt = .distantFuture }

  var nextDeadline: Timestamp { min(askDirectAt, hangUpAt) }
}
