import IPv8Traversal
import IPv8Wire
import P2TP

extension Node {
  /// What is known of our network, for our record and for those who look for a way to us.
  public var network: NetworkView { ownBinding.network }

  /// Tells the node what was found out about the network; after each change.
  public mutating func setNetwork(
    _ network: NetworkView, at now: Moment, into actions: inout [NodeAction]
  ) {
    ownBinding.network = network
    signOwnBindingIfChanged(at: now, into: &actions)
  }

  /// Peers with an open session, and where it is; of those behind a carrier, where it was before.
  public var openPeers: [OpenPeer] {
    peers.compactMap { index, peer in
      guard peer.association.isOpen, let endpoint = peer.contact.seen else { return nil }
      return OpenPeer(index, at: endpoint)
    }.sorted { $0.index.value < $1.index.value }
  }
}
