import IPv8Trust
import IPv8Wire

extension Directory {
  /// Paths of an explanation, and relations of each kind.
  private static let pathLimit = 8
  private static let relationLimit = 64

  /// Why the peer has its standing; nil where nothing is known of it.
  public func explain(_ peer: PermID) -> TrustExplanation? {
    guard let number = table[peer] else { return nil }
    let graph = trust.graph
    var flow = BoundedFlow(observer: TrustView.observer)
    flow.compute(on: graph)
    var scores = [
      MeritRank.name: score(of: peer),
      BoundedFlow.name: graph.isBlocked(number) ? 0 : flow.score(of: number, on: graph),
    ]
    if graph.edgeCount <= DirectoryLimits.betweennessEdges {
      var between = SampledBetweenness(observer: TrustView.observer, seed: 1)
      between.compute(on: graph)
      scores[SampledBetweenness.name] = between.score(of: number, on: graph)
    }
    let bridge = trust.ranks.bridge(to: number)
    let paths = trust.ranks.evidence(for: number, on: graph, limit: Self.pathLimit).map {
      TrustExplanation.Path(
        peers: $0.path.map { table.name($0) }, share: $0.share, weakest: named($0.weakest))
    }
    return TrustExplanation(
      standing: standing(of: peer), scores: scores, reach: trust.ranks.reach(of: number),
      bridge: bridge.map { table.name($0.peer) }, bridgeShare: bridge?.share ?? 0, paths: paths,
      friendHops: trust.horizon[number], received: received(number), given: given(number),
      contradiction: table.proofs[number]?.bytes, rank: rank(of: number))
  }

  private func rank(of number: PeerNumber) -> Int? {
    guard trust.isReached(number), number != TrustView.observer else { return nil }
    return trust.ranks.ranking(on: trust.graph).places.firstIndex { $0.peer == number }
      .map { $0 + 1 }
  }

  private func named(_ edge: Edge) -> TrustEdge {
    TrustEdge(
      signer: table.name(edge.source), subject: table.name(edge.target), weight: edge.weight)
  }

  /// Of peers that the graph joins to this one, those with the best scores first.
  private func received(_ number: PeerNumber) -> [TrustRelation] {
    var found: [TrustRelation] = []
    for edge in trust.graph.edges(to: number) {
      for relation in table.rows[Int(edge.source)].relations where relation.subject == number {
        found.append(shown(relation, of: edge.source))
      }
    }
    found.sort { ($1.score, $0.signer) < ($0.score, $1.signer) }
    return Array(found.prefix(Self.relationLimit))
  }

  private func given(_ number: PeerNumber) -> [TrustRelation] {
    let newest = table.rows[Int(number)].relations.sorted { $0.timestamp > $1.timestamp }
    return newest.prefix(Self.relationLimit).map { shown($0, of: number) }
  }

  private func shown(_ relation: RelationRow, of signer: PeerNumber) -> TrustRelation {
    TrustRelation(
      signer: table.name(signer), subject: table.name(relation.subject), type: relation.type,
      strength: relation.strength, timestamp: relation.timestamp,
      score: signer == TrustView.observer
        ? 1 : trust.isReached(signer) ? trust.score(signer) : 0)
  }

  /// The strongest path to the peer, then up to `count` that share nobody between.
  public func friendshipPaths(to peer: PermID, count: Int) -> [NamedFriendshipPath] {
    guard let number = table[peer], number != TrustView.observer, count > 0 else { return [] }
    var search = FriendshipSearch()
    var found: [NamedFriendshipPath] = []
    let strongest = search.strongest(from: TrustView.observer, to: number, on: trust.graph)
    if let strongest { found.append(named(strongest, .strongest)) }
    let disjoint = search.disjoint(
      from: TrustView.observer, to: number, count: count, on: trust.graph)
    return found + disjoint.map { named($0, .disjoint) }
  }

  private func named(
    _ path: FriendshipPath, _ kind: NamedFriendshipPath.Kind
  ) -> NamedFriendshipPath {
    NamedFriendshipPath(
      kind: kind, peers: path.peers.map { table.name($0) }, weakest: named(path.weakest),
      isProven: path.isProven)
  }
}
