import IPv8Trust
import IPv8Wire

/// Who trusts whom, and what follows for this host, which is number 0.
struct TrustView: Sendable {
  static let observer: PeerNumber = 0

  var graph: RelationGraph
  private(set) var ranks: MeritRank
  /// Whose edges changed since the scores were computed.
  private var changed: Set<PeerNumber> = []
  /// Friends' edges from this host to those within reach of the settings.
  private(set) var horizon: [PeerNumber: Int] = [:]

  init(seed: UInt64, parameters: MeritRank.Parameters) {
    graph = RelationGraph(peerCount: 1)
    ranks = MeritRank(observer: Self.observer, seed: seed, parameters: parameters)
    ranks.compute(on: graph)
  }

  var isStale: Bool { !changed.isEmpty }

  mutating func noteChange(of peer: PeerNumber) { changed.insert(peer) }

  /// Begins anew with a graph.
  mutating func replace(_ graph: RelationGraph) {
    self.graph = graph
    changed = []
    ranks.compute(on: graph)
  }

  /// Follows what changed.
  mutating func refresh() {
    guard !changed.isEmpty else { return }
    ranks.update(on: graph, changed: changed.sorted())
    changed.removeAll()
  }

  /// Whether the peer has any score.
  func isReached(_ peer: PeerNumber) -> Bool {
    ranks.isReached(peer) && !graph.isBlocked(peer)
  }

  func score(_ peer: PeerNumber) -> Double { ranks.score(of: peer, on: graph) }

  /// Looks from this host along friendships, `hops` far.
  mutating func look(hops: Int, contacts: [PeerNumber], in table: PeerTable) {
    horizon = [:]
    guard hops > 0 else { return }
    var frontier = contacts
    for row in table.rows[0].relations where row.isFriendship { frontier.append(row.subject) }
    frontier = frontier.filter { meet($0, hops: 1) }
    var edgesLeft = DirectoryLimits.horizonEdges
    for hop in 2...max(2, hops) where hop <= hops {
      var next: [PeerNumber] = []
      for peer in frontier {
        let relations = table.rows[Int(peer)].relations
        edgesLeft -= relations.count
        guard edgesLeft > 0 else { return }
        for row in relations where row.isFriendship && meet(row.subject, hops: hop) {
          next.append(row.subject)
        }
      }
      frontier = next
    }
  }

  /// False where the peer was met before, or is blocked.
  private mutating func meet(_ peer: PeerNumber, hops: Int) -> Bool {
    guard peer != Self.observer, !graph.isBlocked(peer), horizon[peer] == nil else { return false }
    horizon[peer] = hops
    return true
  }
}
