import IPv8Wire

/// What waits to be sent to a peer, at the rate that the peer is given.
struct SyncOutbox: Sendable {
  private var bucket: TokenBucket
  /// Requests and short answers.
  private var urgent: [[UInt8]] = []
  /// Answers to reconciliation, from `head` on.
  private var answers: [[UInt8]] = []
  private var head = 0
  private var bytes = 0

  init(_ limits: SyncLimits) {
    bucket = TokenBucket(rate: limits.bytesPerSecond, burst: limits.byteBurst)
  }

  var isEmpty: Bool { urgent.isEmpty && head == answers.count }

  mutating func send(_ message: SyncMessage) {
    // More than that only a peer brings about that asks without end.
    if urgent.count < SyncLimits.answerLimit { urgent.append(message.body) }
  }

  /// What is too much is dropped: the peer asks again.
  mutating func answer(_ message: SyncMessage) {
    if answers.count - head < SyncLimits.answerLimit { answers.append(message.body) }
  }

  /// Drops what a session that is over had to say.
  mutating func dropAnswers() {
    answers = []
    head = 0
  }

  /// The next message that may go now.
  mutating func next(at now: Timestamp) -> [UInt8]? {
    if let message = urgent.first {
      guard take(message, at: now) else { return nil }
      return urgent.removeFirst()
    }
    guard head < answers.count, take(answers[head], at: now) else { return nil }
    head += 1
    defer { if head == answers.count { dropAnswers() } }
    return answers[head - 1]
  }

  mutating func take(_ message: [UInt8], at now: Timestamp) -> Bool {
    bucket.take(Int64(message.count), at: now)
  }
}
