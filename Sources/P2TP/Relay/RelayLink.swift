import IPv8Wire

/// One direction of a relayed pair, as the relay's and both ends' receivers know it (docs/protocol:
/// relays): what happens to relayed datagrams that come from `source` under `tag`.
public struct RelayLink: Sendable, Equatable {
  public struct Key: Hashable, Sendable {
    public let source: Endpoint
    public let tag: RelayTag

    public init(source: Endpoint, tag: RelayTag) {
      self.source = source
      self.tag = tag
    }
  }

  public enum Target: Sendable, Equatable {
    /// This host is an end of the pair; the datagrams come by way of that peer.
    case here(PeerIndex)
    /// This host is the relay: they go on to `endpoint`, a proven one, at most so fast.
    case onward(Endpoint, tag: RelayTag, bytesPerSecond: UInt32)
  }

  public let key: Key
  public let target: Target

  public init(source: Endpoint, tag: RelayTag, target: Target) {
    key = Key(source: source, tag: tag)
    self.target = target
  }
}
