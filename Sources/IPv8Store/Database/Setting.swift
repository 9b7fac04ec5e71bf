/// What a peer keeps of its own from one start to the next.
public enum Setting: String, Sendable {
  /// The UDP port that was chosen at random on the first start, in decimal.
  case port
  /// The name that this peer gives itself, for who asks while the daemon is down.
  case name
}
