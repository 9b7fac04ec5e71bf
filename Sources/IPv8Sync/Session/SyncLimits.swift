public import IPv8Wire

/// What one peer may cost (docs/protocol/sync.md, Limits).
public struct SyncLimits: Sendable {
  /// Coded symbols that a sketch has, 16 bytes each: enough for 11,000 differences.
  public static let symbolLimit = 16_384
  /// Bytes of a message: a control frame's body.
  public static let messageLimit = ControlFrame.bodyLimit
  /// Records asked for and not yet there.
  public static let outstandingLimit = 512
  /// Records wanted in one session; the rest is for the next.
  public static let wantedLimit = 16_384
  /// Records that a peer asked for and that are not sent yet.
  public static let owedLimit = 1_024
  /// Answers to reconciliation that are not sent yet.
  public static let answerLimit = 512
  /// Open ranges of a range-based reconciliation.
  public static let rangeLimit = 65_536

  /// Bytes a second sent to the peer, and at once.
  public var bytesPerSecond: Int64 = 65_536
  public var byteBurst: Int64 = 65_536
  /// Records a second asked of the peer, and at once.
  public var recordsPerSecond: Int64 = 200
  public var recordBurst: Int64 = 512
  /// How long without an answer until a request is repeated: at first, and at most.
  public var retry = Interval.milliseconds(500)
  public var retryLimit = Interval.seconds(8)
  /// Requests without an answer after which the peer counts as silent.
  public var attempts = 8
  /// Silence after which an answerer forgets a session.
  public var idle = Interval.seconds(60)
  /// How soon a peer may begin one session after the other; eight at once.
  public var beginningPause = Interval.seconds(5)
  /// Forged records and other offences in the time of ``bar`` that are overlooked.
  public var offences: Int64 = 3
  /// How long nothing is synchronised with a peer that offends further.
  public var bar = Interval.seconds(3_600)

  public init() {}
}
