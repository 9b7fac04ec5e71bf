import IPv8Traversal
import IPv8Wire
import P2TP

extension Node {
  /// Trusted peers with an open session, and where it is; of those behind a carrier, where it was before.
  public var openPeers: [OpenPeer] {
    peers.compactMap { index, peer in
      guard peer.association.isOpen, peer.kind.isTrusted, let endpoint = peer.contact.seen else {
        return nil
      }
      return OpenPeer(index, at: endpoint)
    }.sorted { $0.index.value < $1.index.value }
  }
}
