import IPv8Wire

/// How the relations that one peer signed of another become the weight of its edge.
///
/// What is negative weighs nothing: others' distrust is a means to defame. One's own is a block.
public struct RelationWeights: Equatable, Sendable {
  /// Weight of a relation of full strength, by type; types that are not named weigh nothing.
  public var full: [RelationType: UInt32] = [
    .traffic: 1_000, .similarTaste: 50, .moderatorVote: 100, .friend: 1_000,
  ]
  /// Bytes exchanged that give half of traffic's full weight.
  public var halfTrafficBytes: Int64 = 1 << 30
  /// Milliseconds after which a relation of traffic weighs half (epoch decay); nil: never.
  public var trafficHalfLife: UInt64?

  public init() {}

  /// The weight of the edge between two peers.
  ///
  /// - Parameter relations: of one signer and one subject, one of each type, their signatures checked.
  public func weight(of relations: [RelationRecord], at now: WallTime) -> UInt32 {
    let sum = relations.reduce(0.0) { $0 + share(of: $1, at: now) * Double(full[$1.type] ?? 0) }
    // What is said at all counts a little, so that weights never round to "no edge".
    return sum > 0 ? UInt32(max(1, min(sum, Double(UInt32.max / 2)))) : 0
  }

  /// Of the full weight, 0 to 1.
  private func share(of record: RelationRecord, at now: WallTime) -> Double {
    guard record.strength > 0 else { return 0 }
    guard record.type == .traffic else {
      return min(1, Double(record.strength) / Double(RelationRecord.fullStrength))
    }
    // One party's word alone proves no traffic.
    guard record.flags.contains(.countersigned) else { return 0 }
    let bytes = Double(record.strength)
    let share = bytes / (bytes + Double(max(1, halfTrafficBytes)))
    guard let trafficHalfLife, now > record.timestamp else { return share }
    let age = Double(now.milliseconds - record.timestamp.milliseconds)
    return share * Self.halved(times: age / Double(max(1, trafficHalfLife)))
  }

  /// 2^-times, linear between whole numbers.
  private static func halved(times: Double) -> Double {
    guard times < 60 else { return 0 }
    let whole = times.rounded(.down)
    return (1 - (times - whole) / 2) / Double(UInt64(1) << UInt64(whole))
  }
}
