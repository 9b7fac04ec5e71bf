import IPv8Wire

/// A change of the tables of records, to be stored: what was verified, or what left the tables.
public enum RecordChange: Equatable, Sendable {
  /// Takes the place of an earlier one of its PermID.
  case binding(SignedBinding)
  /// Takes the place of an earlier one of its row.
  case relation(SignedRelation)
  case contradiction(Contradiction)
  case removeBinding(PermID)
  /// Of ID_1 about ID_2.
  case removeRelation(PermID, PermID, RelationType)
}
