import IPv8Wire

/// What one signer may make others keep of its relations.
public struct SignerAllowance: Equatable, Sendable {
  /// Relations of one type.
  public var relationsOfType = 256
  /// Relations of all types together, and so edges.
  public var relations = 1_024

  public init() {}

  /// Which of a signer's rows give way to its new record: none where there is room, the oldest of its
  /// type or of all otherwise; nil where the new one is itself the oldest and is not kept. So a signer
  /// that floods replaces its own rows alone.
  ///
  /// - Parameter rows: the signer's, without the one that `record` replaces.
  public func displaced(
    by record: RelationRecord, among rows: [RelationRecord]
  ) -> [RelationRecord.Key]? {
    let sameType = rows.filter { $0.type == record.type }
    let isTypeFull = sameType.count >= relationsOfType
    guard isTypeFull || rows.count >= relations else { return [] }
    let oldest = (isTypeFull ? sameType : rows).min {
      ($0.timestamp, $0.subject) < ($1.timestamp, $1.subject)
    }
    guard let oldest, oldest.timestamp <= record.timestamp else { return nil }
    return [oldest.key]
  }
}
