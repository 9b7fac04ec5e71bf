import IPv8Wire

/// Personalised random walks with decay (MeritRank, arXiv 2207.09950).
///
/// A peer's raw score is the share of the walks, from the peer that computes along trust, that come to
/// it. Each further step is taken with probability 1 - `transitivityDecay`. Where one other peer lies
/// on nearly all walks to it, `connectivityDecay` of the score is lost.
///
/// Each choice is a hash of seed, walk and position, so a walk is a function of the graph alone: what
/// an update redraws is what a fresh computation would draw.
public struct MeritRank: TrustFunction {
  public static let name = "meritrank"

  public struct Parameters: Equatable, Sendable {
    /// α: probability to stop after each step.
    public var transitivityDecay = 0.4
    /// β: what a peer behind a bridge loses of its score; 0 makes this a personalised PageRank.
    public var connectivityDecay = 0.9
    /// The share of the walks to a peer from which on a third peer on them is a bridge.
    public var bridgeShare = 0.9
    /// Scores are multiples of 1 / walks.
    public var walkCount = 10_000
    /// Steps of the longest walk; at α = 0.4 one in 10^7 is cut.
    public var stepLimit = 31

    public init() {}
  }

  /// The peer that computes.
  public let observer: PeerNumber
  public let parameters: Parameters
  private let seed: UInt64
  private let stopBelow: UInt64
  private(set) var walks: WalkTable

  /// - Parameter seed: secret; who knows it can see where an edge buys most.
  public init(observer: PeerNumber, seed: UInt64, parameters: Parameters = Parameters()) {
    precondition(
      (0...1).contains(parameters.transitivityDecay) && parameters.walkCount > 0
        && (0...1).contains(parameters.connectivityDecay) && parameters.stepLimit > 0
        && parameters.bridgeShare > 0.5, "parameters in their ranges")
    self.observer = observer
    self.seed = seed
    self.parameters = parameters
    stopBelow = UInt64(parameters.transitivityDecay * 0x1p32)
    walks = WalkTable(start: observer, walkCount: 0, stride: 1, peerCount: 0)
  }

  public var byteCount: Int { walks.byteCount }

  public mutating func compute(on graph: RelationGraph) {
    walks = WalkTable(
      start: observer, walkCount: parameters.walkCount, stride: parameters.stepLimit + 1,
      peerCount: graph.peerCount)
    for walk in 0..<walks.walkCount { draw(walk, from: 0, on: graph) }
  }

  public mutating func update(on graph: RelationGraph, changed: [PeerNumber]) {
    guard walks.walkCount > 0, !changed.contains(observer) else { return compute(on: graph) }
    walks.grow(peerCount: graph.peerCount)
    var earliest: [Int: Int] = [:]
    for peer in changed {
      for (walk, position) in walks.firstVisits(peer) {
        earliest[walk] = min(position, earliest[walk] ?? position)
      }
    }
    for (walk, position) in earliest {
      walks.cut(walk, after: position)
      draw(walk, from: position, on: graph)
    }
  }

  private mutating func draw(_ walk: Int, from position: Int, on graph: RelationGraph) {
    var at = walks.peer(walk, position)
    for position in position..<parameters.stepLimit {
      let chance = Self.chance(seed, walk, position)
      if position > 0, chance >> 32 < stopBelow { return }
      guard !graph.isBlocked(at),
        let next = graph.successor(of: at, chance: Self.mix(chance))
      else { return }
      walks.append(next, to: walk)
      at = next
    }
  }

  private static func chance(_ seed: UInt64, _ walk: Int, _ position: Int) -> UInt64 {
    mix(mix(seed &+ UInt64(walk) &* 0x9e37_79b9_7f4a_7c15) &+ UInt64(position))
  }

  /// SplitMix64's output function.
  private static func mix(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}

extension MeritRank {
  public func score(of peer: PeerNumber, on graph: RelationGraph) -> Double {
    if peer == observer { return 1 }
    guard walks.isVisited(peer), !graph.isBlocked(peer) else { return 0 }
    let visits = walks.firstVisits(peer)
    let raw = Double(visits.count) / Double(walks.walkCount)
    let isBehindBridge = bridge(to: peer, visits) != nil
    return isBehindBridge ? raw * (1 - parameters.connectivityDecay) : raw
  }

  /// The share of the walks that come to `peer`, without connectivity decay.
  public func reach(of peer: PeerNumber) -> Double {
    Double(walks.firstVisits(peer).count) / Double(max(1, walks.walkCount))
  }

  /// Whether any walk comes to `peer`: cheaper than its score.
  public func isReached(_ peer: PeerNumber) -> Bool { walks.isVisited(peer) }

  /// The third peer without which nearly no walk comes to `peer`, and on which share it lies.
  public func bridge(to peer: PeerNumber) -> (peer: PeerNumber, share: Double)? {
    bridge(to: peer, walks.firstVisits(peer))
  }

  private func bridge(
    to peer: PeerNumber, _ visits: [(walk: Int, position: Int)]
  ) -> (peer: PeerNumber, share: Double)? {
    let needed = parameters.bridgeShare * Double(visits.count)
    // A bridge lies on one of any walks that are more than may miss it.
    let witnesses = visits.count - Int(needed.rounded(.up)) + 1
    var candidates: Set<PeerNumber> = []
    for (walk, position) in visits.prefix(witnesses) {
      for i in 1..<max(1, position) { candidates.insert(walks.peer(walk, i)) }
    }
    candidates.remove(observer)
    guard !candidates.isEmpty else { return nil }
    var between: [PeerNumber] = []
    for (walk, position) in visits {
      let start = between.count
      for i in 1..<max(1, position) {
        let peer = walks.peer(walk, i)
        if candidates.contains(peer), !between[start...].contains(peer) { between.append(peer) }
      }
    }
    guard let most = Self.mostFrequent(&between), Double(most.count) >= needed else { return nil }
    return (most.peer, Double(most.count) / Double(visits.count))
  }

  private static func mostFrequent(
    _ peers: inout [PeerNumber]
  ) -> (peer: PeerNumber, count: Int)? {
    peers.sort()
    var best: (peer: PeerNumber, count: Int)?
    var start = 0
    for i in peers.indices where i + 1 == peers.count || peers[i + 1] != peers[i] {
      if i + 1 - start > best?.count ?? 0 { best = (peers[i], i + 1 - start) }
      start = i + 1
    }
    return best
  }

  public func evidence(
    for peer: PeerNumber, on graph: RelationGraph, limit: Int
  ) -> [Evidence] {
    let visits = walks.firstVisits(peer)
    var counts: [[PeerNumber]: Int] = [:]
    for (walk, position) in visits {
      counts[(0...position).map { walks.peer(walk, $0) }, default: 0] += 1
    }
    let ordered = counts.sorted {
      ($1.value, $0.key.count) < ($0.value, $1.key.count)
        || ($0.value == $1.value && $0.key.count == $1.key.count
          && $0.key.lexicographicallyPrecedes($1.key))
    }
    return ordered.prefix(limit).map { path, count in
      Evidence(path: path, share: Double(count) / Double(visits.count), on: graph)
    }
  }
}

extension RelationGraph {
  /// One of the peers that `peer` trusts, each as likely as its weight; nil where there is none.
  ///
  /// - Parameter chance: any 64 bits.
  func successor(of peer: PeerNumber, chance: UInt64) -> PeerNumber? {
    let range = outgoing.range(peer)
    var total: UInt64 = 0
    for i in range { total += UInt64(outgoing.links[i].weight) }
    guard total > 0 else { return nil }
    var left = chance.multipliedFullWidth(by: total).high
    for i in range {
      let weight = UInt64(outgoing.links[i].weight)
      if left < weight { return outgoing.links[i].peer }
      left -= weight
    }
    return nil
  }
}
