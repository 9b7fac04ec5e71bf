/// What happened since the start.
public struct DirectoryCounters: Equatable, Sendable {
  public internal(set) var accepted: UInt64 = 0
  public internal(set) var refused: [RecordRefusal: UInt64] = [:]
  public internal(set) var contradictions: UInt64 = 0
  /// Signatures that were checked.
  public internal(set) var verifications: UInt64 = 0
  /// Signers that left the full table, and bindings that expired.
  public internal(set) var evicted: UInt64 = 0
  public internal(set) var expired: UInt64 = 0
  /// Sessions of synchronisation that ended, those that found nothing to do, and those that failed.
  public internal(set) var sessions: UInt64 = 0
  public internal(set) var equalSessions: UInt64 = 0
  public internal(set) var failedSessions: UInt64 = 0
  /// Bytes of control frames' bodies to peers.
  public internal(set) var bytesSent: UInt64 = 0
  /// Questions asked, answered, passed on, and dropped as too many.
  public internal(set) var queriesSent: UInt64 = 0
  public internal(set) var queriesAnswered: UInt64 = 0
  public internal(set) var queriesPassed: UInt64 = 0
  public internal(set) var queriesDropped: UInt64 = 0

  public init() {}
}

/// How much the directory holds.
public struct DirectorySize: Equatable, Sendable {
  /// Peers with records, and all that are known of, be it as somebody's friend.
  public let signers: Int
  public let peers: Int
  public let bindings: Int
  public let relations: Int
  public let contradictions: Int
  /// Connected peers.
  public let connected: Int
  /// Records that wait for the check of their signatures.
  public let waiting: Int
}
