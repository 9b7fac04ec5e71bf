import BenchmarkTables

/// What a light population showed.
struct LightReport {
  let peers: Int
  let hasFullNodes: Bool
  var links = 0
  var isLoaded = false
  /// Peers that trust a record's signer or keep everything.
  var keepers = 0.0
  /// Of those online that keep a record the share that has its change a minute later.
  var covered = 0.0
  /// Seconds until half and 90% of those online that keep a record have its change.
  var half = 0.0
  var most = 0.0
  var slowest = 0.0
  /// Of records kept by peers that are online the share that is not the newest.
  var stale = 0.0
  var staleParted = 0.0
  /// Seconds after the partition until no more than one in a hundred more is stale than before it.
  var healed = 0.0
  /// Of questions for records that the asker does not keep.
  var answered = 0.0
  var queryFrames = 0.0
  /// Times that a record comes to each keeper.
  var transfers = 0.0

  /// Peers with a score at an observer, milliseconds of the first scores.
  var reached = 0.0
  var scoreTime = 0.0
  var hostileRows = 0.0
  var hostileScore = 0.0
  var bestHostileRank = 0

  var equalBytes = 0.0
  var bytesPerDifference = 0.0
  var horizonBytes = 0.0
  var fullBytes = 0.0
  var seconds = 0.0

  init(peers: Int, hasFullNodes: Bool) {
    self.peers = peers
    self.hasFullNodes = hasFullNodes
  }

  static let head = [
    "peers", "full nodes", "links", "keepers", "come to, %", "to half, s", "to 90%, s",
    "slowest, s", "stale, %", "parted: stale, %", "healed, s", "questions answered, %",
    "frames a question",
  ]

  var row: [String] {
    [
      "\(peers)", hasFullNodes ? "1%" : "none", "\(links)", text(keepers), text(covered * 100),
      text(half), most > 0 ? text(most) : "-", most > 0 ? text(slowest) : "-",
      text(stale * 100), text(staleParted * 100), text(healed), text(answered * 100),
      text(queryFrames),
    ]
  }

  static let trustHead = [
    "peers", "with a score", "first scores, ms", "fakes among them, %", "fakes' share of scores, %",
    "best fake's place",
  ]

  var trustRow: [String] {
    [
      "\(peers)", text(reached), text(scoreTime), text(hostileRows * 100), text(hostileScore * 100),
      "\(bestHostileRank)",
    ]
  }

  static let byteHead = [
    "peers", "full nodes", "session of equals, B", "B a difference", "copies of a change",
    "horizon B/s",
    "full node B/s", "simulated in, s",
  ]

  var byteRow: [String] {
    [
      "\(peers)", hasFullNodes ? "1%" : "none", text(equalBytes), text(bytesPerDifference),
      text(transfers), text(horizonBytes),
      text(fullBytes), text(seconds),
    ]
  }
}
