/// What a peer keeps of its own from one start to the next.
public enum Setting: String, Sendable {
  /// The UDP port that was chosen at random on the first start, in decimal.
  case port
  /// The name that this peer gives itself, for who asks while the daemon is down.
  case name
  /// Whom the user said last to let in (docs/reference/cli.md, `admit`).
  case admit
  /// The PermIDs of blocked peers, one a line.
  case blocked
}
