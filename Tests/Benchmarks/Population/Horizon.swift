import IPv8Trust
import IPv8Wire

/// Who keeps whose records, by the walks of all peers at once: from the signer backwards along trust.
enum Horizon {
  /// α of the walks, and the probability at which of 10,000 walks one is expected to come.
  private static let goOn = 0.6
  private static let least = 1e-4
  /// Peers looked at for one signer.
  private static let limit = 200_000

  /// Peers of whose 10,000 walks at least one is expected to come to `signer`.
  static func keepers(of signer: PeerNumber, on graph: RelationGraph, totals: [UInt64]) -> [Int] {
    var chance: [PeerNumber: Double] = [:]
    var residual: [PeerNumber: Double] = [signer: 1]
    var queue: [PeerNumber] = [signer]
    var head = 0
    while head < queue.count, chance.count < limit {
      let peer = queue[head]
      head += 1
      let mass = residual.removeValue(forKey: peer) ?? 0
      guard mass > 0 else { continue }
      // The first step is always taken: what comes directly is not thinned by stopping.
      for edge in graph.edges(to: peer) {
        let share = Double(edge.weight) / Double(max(1, totals[Int(edge.source)]))
        let step = mass * share * (peer == signer ? 1 : goOn)
        guard step >= least / 10, edge.source != signer else { continue }
        chance[edge.source, default: 0] += step
        let isQueued = residual[edge.source] != nil
        residual[edge.source, default: 0] += step
        if !isQueued { queue.append(edge.source) }
      }
    }
    return chance.filter { $0.value >= least }.map { Int($0.key) }.sorted()
  }
}
