/// How many rows a store of records has room for. The directory evicts by trust before that; what the
/// store itself throws out, the oldest first, is the last line.
public struct RecordCapacity: Equatable, Sendable {
  public let bindings: Int
  public let relations: Int
  public let contradictions: Int

  /// - Parameter peers: 1 to 4,000,000.
  public init(peers: Int) {
    let peers = min(max(peers, 1), 4_000_000)
    bindings = peers
    relations = 8 * peers
    contradictions = max(1_024, peers / 16)
  }

  /// Rows that may be too many until the oldest go, so that it is not done for each.
  static func slack(of limit: Int) -> Int { limit / 16 + 64 }
}
