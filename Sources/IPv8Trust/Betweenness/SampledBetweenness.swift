import IPv8Wire

/// How many shortest chains between others run through a peer: Brandes' algorithm from sampled
/// sources; exact where all are taken.
///
/// For diagnosis (who joins clusters), never for a gate: whoever makes twenty peers of its own becomes
/// a bridge to them (docs/decisions/trust-function.md).
public struct SampledBetweenness: TrustFunction {
  public static let name = "betweenness"

  /// The peer that computes; it has no say here but in evidence.
  public let observer: PeerNumber
  public let sourceCount: Int
  private let seed: UInt64
  private var scores: [Double] = []

  public init(observer: PeerNumber, seed: UInt64, sourceCount: Int = 32) {
    precondition(sourceCount > 0, "a sample")
    self.observer = observer
    self.seed = seed
    self.sourceCount = sourceCount
  }

  public mutating func compute(on graph: RelationGraph) {
    let count = graph.peerCount
    var sums = [Double](repeating: 0, count: count)
    let sources = sample(count)
    var search = ShortestPaths(peerCount: count)
    for source in sources where !graph.isBlocked(source) {
      search.run(from: source, on: graph)
      search.addDependencies(to: &sums, on: graph)
    }
    // A peer is itself a source as often as any other, and then has no part in pairs of others.
    let ofOthers = Double(max(1, sources.count)) * Double(max(1, count - 1)) / Double(max(1, count))
    let pairs = ofOthers * Double(max(1, count - 2))
    scores = sums.map { $0 / pairs }
  }

  /// All of `0..<count` where no more are asked for, without repetition.
  private func sample(_ count: Int) -> [PeerNumber] {
    guard sourceCount < count else { return (0..<count).map { PeerNumber($0) } }
    var random = SeededRandom(seed: seed)
    var taken: Set<PeerNumber> = []
    while taken.count < sourceCount {
      taken.insert(PeerNumber(Int.random(in: 0..<count, using: &random)))
    }
    return taken.sorted()
  }

  /// A change anywhere may move any shortest path: begins anew.
  public mutating func update(on graph: RelationGraph, changed: [PeerNumber]) {
    compute(on: graph)
  }

  /// The share of the pairs of other peers whose shortest chains run through `peer`.
  public func score(of peer: PeerNumber, on graph: RelationGraph) -> Double {
    if peer == observer { return 1 }
    return Int(peer) < scores.count ? scores[Int(peer)] : 0
  }

  /// The shortest chain; betweenness itself has no reason that concerns one observer.
  public func evidence(
    for peer: PeerNumber, on graph: RelationGraph, limit: Int
  ) -> [Evidence] {
    var search = FriendshipSearch()
    guard limit > 0, score(of: peer, on: graph) > 0,
      let path = search.shortest(from: observer, to: peer, on: graph)
    else { return [] }
    return [Evidence(path: path.peers, share: 1, on: graph)]
  }
}

/// The shortest chains from one peer to all, by number of edges.
struct ShortestPaths {
  private var distances: [Int32]
  private var chains: [Double]
  private var dependencies: [Double]
  /// As they were found: nearer ones first.
  private var order: [PeerNumber] = []

  init(peerCount: Int) {
    distances = Array(repeating: -1, count: peerCount)
    chains = Array(repeating: 0, count: peerCount)
    dependencies = chains
  }

  mutating func run(from source: PeerNumber, on graph: RelationGraph) {
    for peer in order {
      distances[Int(peer)] = -1
      chains[Int(peer)] = 0
      dependencies[Int(peer)] = 0
    }
    order = [source]
    distances[Int(source)] = 0
    chains[Int(source)] = 1
    var next = 0
    while next < order.count {
      let peer = order[next]
      next += 1
      for i in graph.outgoing.range(peer) {
        let neighbour = graph.outgoing.links[i].peer
        if distances[Int(neighbour)] < 0, !graph.isBlocked(neighbour) {
          distances[Int(neighbour)] = distances[Int(peer)] + 1
          order.append(neighbour)
        }
        if distances[Int(neighbour)] == distances[Int(peer)] + 1 {
          chains[Int(neighbour)] += chains[Int(peer)]
        }
      }
    }
  }

  /// Adds for each peer the share of the chains from the source that run through it.
  mutating func addDependencies(to sums: inout [Double], on graph: RelationGraph) {
    for peer in order.reversed() {
      for i in graph.outgoing.range(peer) {
        let neighbour = graph.outgoing.links[i].peer
        if distances[Int(neighbour)] == distances[Int(peer)] + 1 {
          dependencies[Int(peer)] +=
            chains[Int(peer)] / chains[Int(neighbour)] * (1 + dependencies[Int(neighbour)])
        }
      }
      if distances[Int(peer)] > 0 { sums[Int(peer)] += dependencies[Int(peer)] }
    }
  }
}
