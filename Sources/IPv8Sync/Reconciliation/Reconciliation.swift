/// What a peer says of its set.
public struct SetSummary: Equatable, Sendable {
  public let count: Int
  /// The exclusive or of all elements' hashes under the pair's salt.
  public let digest: UInt64
}

/// What two sets do not share, as the asking side found it.
public struct Differences: Equatable, Sendable {
  /// The peer has them, this host has not.
  public var lacking: [SyncElement] = []
  /// This host has them, the peer has not.
  public var extra: [SyncElement] = []
}

/// Why a peer's bytes were not accepted.
public enum SyncFault: Error, Equatable, Sendable {
  case malformed
  /// Symbols, ranges or records that nobody asked for.
  case unasked
  /// The peer's words about its set contradict each other, or this host's own set.
  case contradictory
  /// Records whose signatures are none.
  case forged
  /// More differences than the method can find.
  case tooMany
  /// The peer did not answer.
  case silent
  /// Most of what the peer said it has it did not give.
  case withheld
  /// The peer's salt is another one.
  case otherSalt
  /// The peer is occupied or does not know the session any more.
  case refused
}

/// The asking side of a way to find the differences of two sets: answers in, requests out. Any of
/// the messages may be lost, doubled or late.
public protocol Reconciliation: Sendable {
  /// What names the method in HELLO.
  static var method: UInt8 { get }
  /// Whether the differences hold what the peer lacks, too.
  static var isMutual: Bool { get }

  /// The first request, which goes with HELLO.
  mutating func start(_ table: RecordTable) -> [UInt8]
  /// What the peer says of its set, before any of its answers.
  mutating func learn(_ peer: SetSummary)
  /// Takes an answer; the requests that follow from it.
  mutating func receive(_ answer: [UInt8], _ table: RecordTable) throws(SyncFault) -> [[UInt8]]
  /// What to ask when nothing came for a while.
  mutating func retry(_ table: RecordTable) -> [[UInt8]]
  /// All differences, once they are known.
  var differences: Differences? { get }
}

/// The answering side. It may keep what it likes, and needs to keep nothing.
public protocol ReconciliationAnswer: Sendable {
  /// The answers to a request, each short enough for a message.
  mutating func answer(_ request: [UInt8], _ table: RecordTable) throws(SyncFault) -> [[UInt8]]
}
