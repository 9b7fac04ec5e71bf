import IPv8Wire

/// A row of a full table, as far as it matters who goes first.
public struct EvictionCandidate: Equatable, Sendable {
  public let peer: PeerNumber
  public let score: Double
  /// Of the row, or the newest of the peer's rows.
  public let timestamp: WallTime
  /// A contact, or one that the user trusted by hand: never evicted.
  public let isKept: Bool

  public init(peer: PeerNumber, score: Double, timestamp: WallTime, isKept: Bool = false) {
    self.peer = peer
    self.score = score
    self.timestamp = timestamp
    self.isKept = isKept
  }
}

/// Who leaves a full table.
public struct EvictionOrder: Equatable, Sendable {
  /// Rows that the table may have.
  public var capacity: Int
  /// Rows among these that peers without a score may have at least, newest first, so that a newcomer
  /// can exist; in twentieths of the capacity.
  public var strangerTwentieths = 1

  public init(capacity: Int) { self.capacity = capacity }

  /// Rows that strangers may hold however much is known of others.
  public var strangerShare: Int { capacity / 20 * strangerTwentieths }

  /// Who goes, in this order: the least trusted, of equals the oldest. None while there is room. May
  /// be too few where more are kept than there is room.
  public func evicted(from candidates: [EvictionCandidate]) -> [PeerNumber] {
    let excess = candidates.count - capacity
    guard excess > 0 else { return [] }
    let movable = candidates.filter { !$0.isKept }
    let strangers = movable.filter { $0.score <= 0 }.sorted(by: Self.goesBefore)
    let others = movable.filter { $0.score > 0 }.sorted(by: Self.goesBefore)
    let beyondShare = strangers.dropLast(strangerShare)
    let order = beyondShare + others + strangers.suffix(strangerShare)
    return order.prefix(excess).map(\.peer)
  }

  private static func goesBefore(_ a: EvictionCandidate, _ b: EvictionCandidate) -> Bool {
    if a.score != b.score { return a.score < b.score }
    if a.timestamp != b.timestamp { return a.timestamp < b.timestamp }
    return a.peer < b.peer
  }
}
