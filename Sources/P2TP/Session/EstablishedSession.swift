import IPv8Crypto
import IPv8Wire

/// What a completed handshake hands to the data plane: the makings of one ``Session``.
public struct EstablishedSession: Sendable {
  public enum Role: Sendable { case initiator, responder }

  public let localID: SessionID
  public let remoteID: SessionID
  public let role: Role
  public let suite: AEADSuite
  public let peerCapabilities: PeerCapabilities
  /// 32 bytes each.
  public let sendKey: SecretBytes
  public let receiveKey: SecretBytes
  public let establishedAt: Timestamp
  /// Where the peer's authenticated answer came from.
  public let endpoint: Endpoint
  /// The peer's cookie, returned until a record of the peer decrypts (rule R4); nil where the peer
  /// needs none.
  public let returnCookie: UInt32?
  /// The cookie of ours that this peer may still return in records, and when it was sent.
  public let issuedCookies: [UInt32]
  /// Random: hides the device's clock in the timestamps of this session's records.
  public let clockOffset: UInt32
  /// From the exact match of our own cookie; nil where only its issuer's stateless check was.
  public let roundTrip: Interval?
  /// A signed binding record that came in the handshake, not verified yet.
  public let peerBinding: [UInt8]?
  /// The initiator's handshake time, to be stored by the responder.
  public let handshakeTime: WallTime?
}
