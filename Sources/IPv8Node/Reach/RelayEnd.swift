import IPv8Wire
import P2TP

/// Our end of a relayed way to a peer.
struct RelayEnd: Sendable, Equatable {
  /// Held at once for one peer: one in use, one warm.
  static let limit = 2

  let relay: PeerIndex
  let tag: RelayTag
  /// Where the relay is, as our link says; nil while there is none.
  var source: Endpoint?

  /// What stands for this way among endpoints.
  var endpoint: Endpoint { Endpoint(.relay(relay, tag: tag)) }

  var link: RelayLink? {
    source.map { RelayLink(source: $0, tag: tag, target: .here(relay)) }
  }
}
