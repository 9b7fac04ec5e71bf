import IPv8Wire

/// An identity that this machine has met or was told of.
public struct StoredPeer: Equatable, Sendable {
  public let permID: PermID
  public let address: OverlayAddress
  public let firstSeen: WallTime
  /// The latest handshake time accepted from it, Unix milliseconds; 0 before the first.
  public let handshakeTime: UInt64
}
