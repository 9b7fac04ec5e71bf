import IPv8Wire

/// What was declared of the classes of flows and peers, beside the marks of their packets
/// (docs/protocol/queue.md). Who declares it sees to its number and its end.
struct DeclaredClasses: Sendable {
  private struct Key: Hashable {
    let peer: PeerIndex
    /// Nil for what neither is a declared flow nor bears a mark.
    let flow: DeclaredFlow?
  }

  private var kinds: [Key: TrafficClass] = [:]

  /// - Parameter kind: nil takes back what was declared.
  mutating func set(_ kind: TrafficClass?, for flow: DeclaredFlow?, of index: PeerIndex) {
    kinds[Key(peer: index, flow: flow)] = kind
  }

  mutating func removeAll(of index: PeerIndex) {
    kinds = kinds.filter { $0.key.peer != index }
  }

  /// The class of a packet to the peer.
  func kind(of flow: FlowIdentity, of index: PeerIndex) -> TrafficClass {
    guard !kinds.isEmpty else { return TrafficClass(markOf: flow) ?? .normal }
    return kinds[Key(peer: index, flow: DeclaredFlow(flow))] ?? TrafficClass(markOf: flow)
      ?? kinds[Key(peer: index, flow: nil)] ?? .normal
  }
}
