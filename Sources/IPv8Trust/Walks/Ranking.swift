/// Peers by score.
public struct Ranking: Equatable, Sendable {
  public struct Place: Equatable, Sendable {
    public let peer: PeerNumber
    public let score: Double
  }

  /// The best first, of equal ones the lower number; without score-0 peers and the observer.
  public let places: [Place]

  init(_ places: [Place]) {
    self.places = places.sorted { ($1.score, $0.peer) < ($0.score, $1.peer) }
  }

  /// The score that the best `count` peers reach: θ of a gate that lets in so many. Where fewer have
  /// any score, that of the last of them; infinite where none has.
  public func threshold(admitting count: Int) -> Double {
    guard count > 0, !places.isEmpty else { return .infinity }
    return places[min(count, places.count) - 1].score
  }
}

extension MeritRank {
  /// All peers to which a walk comes.
  public func ranking(on graph: RelationGraph) -> Ranking {
    var places: [Ranking.Place] = []
    for number in 0..<graph.peerCount {
      let peer = PeerNumber(number)
      guard walks.isVisited(peer), peer != observer else { continue }
      let score = score(of: peer, on: graph)
      if score > 0 { places.append(Ranking.Place(peer: peer, score: score)) }
    }
    return Ranking(places)
  }
}

extension TrustFunction {
  /// All peers with a score.
  public func ranking(on graph: RelationGraph, except observer: PeerNumber) -> Ranking {
    var places: [Ranking.Place] = []
    for number in 0..<graph.peerCount where number != Int(observer) {
      let score = score(of: PeerNumber(number), on: graph)
      if score > 0 { places.append(Ranking.Place(peer: PeerNumber(number), score: score)) }
    }
    return Ranking(places)
  }
}
