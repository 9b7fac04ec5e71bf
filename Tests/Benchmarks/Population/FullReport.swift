import BenchmarkTables

/// What a population of whole directories showed.
struct FullReport {
  let peers: Int
  var relations = 0
  var cold: Double?
  var coldBytes = 0.0
  var idleBytes = 0.0
  var change = 0.0
  var slowestChange = 0.0
  var changeBytes = 0.0
  var churnBytes = 0.0
  var stale = 0.0
  var afterChurn: Double?
  var staleParted = 0.0
  var healed: Double?
  var fakeRows = 0.0
  var admittedFakes = 0
  var admittedShare = 0.0
  var proofs = Int.max
  var verifications = 0.0
  var sessions = 0.0

  init(peers: Int) { self.peers = peers }

  static let head = [
    "directories", "relations", "cold start, s", "KB a peer", "idle B/s", "change, s", "slowest",
    "B a peer and change", "churn B/s", "stale, %", "then equal, s",
  ]

  var row: [String] {
    [
      "\(peers)", "\(relations)", cold.map(text) ?? "-", text(coldBytes / 1_000), text(idleBytes),
      text(change), text(slowestChange), text(changeBytes), text(churnBytes), text(stale * 100),
      afterChurn.map(text) ?? "-",
    ]
  }

  static let secondHead = [
    "directories", "parted: stale, %", "healed, s", "fake rows, %", "fakes admitted, %",
    "proofs at each", "signatures checked", "sessions a peer",
  ]

  var secondRow: [String] {
    [
      "\(peers)", text(staleParted * 100), healed.map(text) ?? "-", text(fakeRows * 100),
      text(admittedShare * 100), "\(proofs)", text(verifications), text(sessions),
    ]
  }
}
