import IPv8Records
import IPv8Wire
import P2TP

extension Node {
  /// Endpoints of one contact within our networks that are remembered; of more the oldest goes.
  static let nearbyLimit = 4

  /// A contact announced itself in a network of ours, or somebody did who has seen it do so. Tried
  /// at once; neither stored nor told to others, to whom it would mean nothing.
  public mutating func discovered(
    _ index: PeerIndex, at endpoint: Endpoint, now: Moment, into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index], endpoint.isUsable else { return }
    let others = peer.nearby.filter { $0 != endpoint }
    peers[index]?.nearby = [endpoint] + others.prefix(Self.nearbyLimit - 1)
    forgetKnownEndpoints()
    guard !peer.association.isOpen else {
      actions.append(.probe(index, endpoint))
      return
    }
    knock(at: endpoint, of: index, at: now, into: &actions)
  }

  /// This host's networks have changed: nobody is where it was announced to be.
  public mutating func forgetNearby() {
    for index in peers.keys { peers[index]?.nearby = [] }
    forgetKnownEndpoints()
  }
}
