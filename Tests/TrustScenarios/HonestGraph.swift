import IPv8Trust
import IPv8Wire

/// Graphs of peers that mean well.
public enum HonestGraph {
  /// Barabási and Albert's: each new peer trusts `links` others, likelier those whom many trust, and is
  /// trusted back; weights 100 to 1,000.
  public static func edges(
    peerCount: Int, links: Int, using random: inout SeededRandom
  ) -> [Edge] {
    var edges: [Edge] = []
    edges.reserveCapacity(peerCount * links * 2)
    /// Each peer once for each of its links.
    var ends: [PeerNumber] = []
    ends.reserveCapacity(peerCount * links * 2)
    for peer in 1..<PeerNumber(peerCount) {
      var chosen: [PeerNumber] = []
      while chosen.count < min(links, Int(peer)) {
        let isAny = ends.isEmpty || random.next() % 20 == 0
        let other =
          isAny
          ? PeerNumber(random.next() % UInt64(peer)) : ends[Int(random.next() % UInt64(ends.count))]
        if !chosen.contains(other) { chosen.append(other) }
      }
      for other in chosen {
        edges.append(Edge(peer, other, weight: weight(&random)))
        edges.append(Edge(other, peer, weight: weight(&random)))
      }
      for other in chosen { ends += [peer, other] }
    }
    return edges
  }

  /// Any edges, for comparison with slow and obvious computations; some between the same two.
  public static func anyEdges(
    peerCount: Int, edgeCount: Int, weights: UInt32 = 1_000, using random: inout SeededRandom
  ) -> [Edge] {
    (0..<edgeCount).compactMap { _ in
      let source = PeerNumber(random.next() % UInt64(peerCount))
      let target = PeerNumber(random.next() % UInt64(peerCount))
      let weight = 1 + UInt32(random.next() % UInt64(weights))
      return source == target ? nil : Edge(source, target, weight: weight)
    }
  }

  static func weight(_ random: inout SeededRandom) -> UInt32 {
    100 + UInt32(random.next() % 901)
  }
}
