/// The contacts, the first added first.
public struct PeerListReport: Codable, Equatable, Sendable {
  public var peers: [PeerReport]

  public init(peers: [PeerReport]) { self.peers = peers }
}
