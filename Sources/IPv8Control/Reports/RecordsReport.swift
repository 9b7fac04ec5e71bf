/// How many records of others this peer keeps.
public struct RecordsReport: Codable, Equatable, Sendable {
  public struct Kind: Codable, Equatable, Sendable {
    public var count: Int
    /// Unix time, of the record with the earliest timestamp; nil without records.
    public var oldestMilliseconds: Int?
    public var newestMilliseconds: Int?

    public init(count: Int, oldestMilliseconds: Int?, newestMilliseconds: Int?) {
      self.count = count
      self.oldestMilliseconds = oldestMilliseconds
      self.newestMilliseconds = newestMilliseconds
    }
  }

  /// Peers that records speak of.
  public var peers: Int
  public var bindings: Kind
  public var relations: Kind
  public var contradictions: Kind
  /// On the disk.
  public var bytes: Int

  public init(peers: Int, bindings: Kind, relations: Kind, contradictions: Kind, bytes: Int) {
    self.peers = peers
    self.bindings = bindings
    self.relations = relations
    self.contradictions = contradictions
    self.bytes = bytes
  }
}
