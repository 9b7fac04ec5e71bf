import IPv8Wire

/// A peer that the local user added, and so may open sessions.
public struct StoredContact: Equatable, Sendable {
  /// The local IPv4 address of a contact, and the index in its derivation that gave a free one.
  public struct Alias: Equatable, Sendable {
    public let index: Int
    public let address: IPv4Address

    public init(index: Int, address: IPv4Address) {
      self.index = index
      self.address = address
    }
  }

  public let peer: StoredPeer
  /// The petname.
  public let name: String?
  public let added: WallTime
  public let keepOpen: Bool
  /// Where the user said it is, in the user's order.
  public let endpoints: [ToldAddress]
  public let alias: Alias?
  /// Where its last authenticated session came from.
  public let lastSeen: Endpoint?
  public let lastOpen: WallTime?

  public var permID: PermID { peer.permID }
  public var address: OverlayAddress { peer.address }
}
