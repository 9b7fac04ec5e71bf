/// Records as they come out of the store, a few thousand at a time.
public enum LoadedRecords: Sendable {
  case bindings([SignedBinding])
  case relations([SignedRelation])
  case contradictions([Contradiction])
}
