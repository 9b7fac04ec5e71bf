/// A peer's place in a ``RelationGraph``.
public typealias PeerNumber = Int32

/// One peer's trust in another, made of all relations that it signed of that one.
public struct Edge: Hashable, Sendable {
  public let source: PeerNumber
  public let target: PeerNumber
  /// Shares of the source's trust; only ratios among one source's edges matter to walks.
  public let weight: UInt32

  public init(_ source: PeerNumber, _ target: PeerNumber, weight: UInt32) {
    self.source = source
    self.target = target
    self.weight = weight
  }
}

/// Who trusts whom, in both directions, for a million peers and some more.
///
/// The lists are sorted: equal edges make equal graphs, however they came about.
public struct RelationGraph: Sendable {
  public enum Refusal: Error, Equatable, Sendable {
    /// No such peer, or a peer's edge to itself.
    case badPeer
    /// The signer has as many edges as one may have.
    case signerIsFull
    /// The graph has as many edges as it may have.
    case graphIsFull
  }

  public struct Limits: Equatable, Sendable {
    public var peers = 4_000_000
    public var edges = 32_000_000
    /// Edges from one signer: what a flooding one can make others keep.
    public var edgesOfSigner = 1_024

    public init() {}
  }

  public let limits: Limits
  private(set) var outgoing: AdjacencyLists
  private(set) var incoming: AdjacencyLists
  private var blocks: [UInt64]
  public private(set) var blockedCount = 0

  public init(peerCount: Int = 0, limits: Limits = Limits()) {
    precondition(peerCount <= limits.peers, "within the limit")
    self.limits = limits
    outgoing = AdjacencyLists(nodeCount: peerCount)
    incoming = outgoing
    blocks = Array(repeating: 0, count: (peerCount + 63) / 64)
  }

  /// From many edges at once. The last of several between the same two counts; what is beyond the
  /// limits or no edge is left out, of a signer's too many edges the targets with high numbers.
  public init(peerCount: Int, edges: [Edge], limits: Limits = Limits()) {
    self.init(peerCount: peerCount, limits: limits)
    let valid = edges.filter {
      $0.source != $0.target && $0.source >= 0 && $0.target >= 0
        && $0.source < peerCount && $0.target < peerCount
    }
    let sorted = Self.sorted(
      Self.sorted(valid, nodeCount: peerCount, by: \.target), nodeCount: peerCount, by: \.source)
    let kept = Self.kept(sorted, limits: limits)
    outgoing = AdjacencyLists(sortedEdges: kept, nodeCount: peerCount, edgeCount: kept.count)
    let reversed = Self.sorted(kept, nodeCount: peerCount, by: \.target).lazy.map {
      Edge($0.target, $0.source, weight: $0.weight)
    }
    incoming = AdjacencyLists(sortedEdges: reversed, nodeCount: peerCount, edgeCount: kept.count)
  }

  public var peerCount: Int { outgoing.nodeCount }
  public var edgeCount: Int { outgoing.edgeCount }

  /// Bytes that the graph holds.
  public var byteCount: Int { outgoing.byteCount + incoming.byteCount + 8 * blocks.capacity }

  /// 0 where there is no edge.
  public func weight(_ source: PeerNumber, _ target: PeerNumber) -> UInt32 {
    guard contains(source), contains(target) else { return 0 }
    return outgoing.weight(source, target)
  }

  public func contains(_ peer: PeerNumber) -> Bool { peer >= 0 && peer < peerCount }

  public func edges(from source: PeerNumber) -> [Edge] {
    outgoing.range(source).map {
      Edge(source, outgoing.links[$0].peer, weight: outgoing.links[$0].weight)
    }
  }

  public func edges(to target: PeerNumber) -> [Edge] {
    incoming.range(target).map {
      Edge(incoming.links[$0].peer, target, weight: incoming.links[$0].weight)
    }
  }

  /// A number for a new peer; nil where there are as many as there may be.
  public mutating func addPeer() -> PeerNumber? {
    guard peerCount < limits.peers else { return nil }
    outgoing.addNodes(1)
    incoming.addNodes(1)
    if blocks.count * 64 < peerCount { blocks.append(0) }
    return PeerNumber(peerCount - 1)
  }

  /// Adds or changes an edge; weight 0 removes it. The weight before.
  @discardableResult
  public mutating func set(_ edge: Edge) throws(Refusal) -> UInt32 {
    guard contains(edge.source), contains(edge.target), edge.source != edge.target else {
      throw .badPeer
    }
    if edge.weight > 0, outgoing.weight(edge.source, edge.target) == 0 {
      guard outgoing.degree(edge.source) < limits.edgesOfSigner else { throw .signerIsFull }
      guard edgeCount < limits.edges else { throw .graphIsFull }
    }
    let before = outgoing.set(edge.source, edge.target, weight: edge.weight)
    _ = incoming.set(edge.target, edge.source, weight: edge.weight)
    return before
  }

  /// Removes all edges of an evicted peer, so that its number can be used again. Whose edges changed.
  public mutating func isolate(_ peer: PeerNumber) -> [PeerNumber] {
    let sources = edges(to: peer).map(\.source)
    for source in sources {
      _ = outgoing.set(source, peer, weight: 0)
      _ = incoming.set(peer, source, weight: 0)
    }
    for edge in edges(from: peer) {
      _ = outgoing.set(peer, edge.target, weight: 0)
      _ = incoming.set(edge.target, peer, weight: 0)
    }
    block(peer, false)
    return sources + [peer]
  }

  /// A blocked peer has score 0, and nothing that it says counts; who vouches for it loses that share.
  public mutating func block(_ peer: PeerNumber, _ isBlocked: Bool = true) {
    guard isBlocked != self.isBlocked(peer) else { return }
    blocks[Int(peer) / 64] ^= 1 << UInt64(peer % 64)
    blockedCount += isBlocked ? 1 : -1
  }

  public func isBlocked(_ peer: PeerNumber) -> Bool {
    blocks[Int(peer) / 64] >> UInt64(peer % 64) & 1 == 1
  }
}

extension RelationGraph {
  /// By counting; equal ones stay in their order.
  private static func sorted(
    _ edges: [Edge], nodeCount: Int, by key: (Edge) -> PeerNumber
  ) -> [Edge] {
    var places = [Int32](repeating: 0, count: nodeCount + 1)
    for edge in edges { places[Int(key(edge)) + 1] += 1 }
    for node in 0..<nodeCount { places[node + 1] += places[node] }
    var result = edges
    for edge in edges {
      let node = Int(key(edge))
      result[Int(places[node])] = edge
      places[node] += 1
    }
    return result
  }

  /// What counts of edges that are sorted by source and target.
  private static func kept(_ edges: [Edge], limits: Limits) -> [Edge] {
    var result: [Edge] = []
    result.reserveCapacity(edges.count)
    var ofSigner = 0
    for (i, edge) in edges.enumerated() {
      if i == 0 || edges[i - 1].source != edge.source { ofSigner = 0 }
      let isLast =
        i + 1 == edges.count || edges[i + 1].source != edge.source
        || edges[i + 1].target != edge.target
      guard isLast, edge.weight > 0, ofSigner < limits.edgesOfSigner, result.count < limits.edges
      else { continue }
      result.append(edge)
      ofSigner += 1
    }
    return result
  }
}
