import IPv8Crypto
import IPv8Wire

/// Writes the datagrams of the open handshake.
enum OpeningDatagram {
  /// INIT (no returned timestamp) or the knock that answers a knock: Noise message 1 under MAC1.
  static func message1(
    _ message: [UInt8], forward: UInt32, returned: UInt32?, token: [UInt8]?, mac1: MAC1
  ) -> [UInt8] {
    var datagram = opening(forward: forward, returned: returned).bytes
    HandshakeOptions(message1: message, token: token).append(to: &datagram)
    mac1.append(to: &datagram)
    return datagram
  }

  /// ANSWER with Noise message 2.
  static func answer(
    _ message: [UInt8], initiator: SessionID, forward: UInt32, returned: UInt32
  ) -> [UInt8] {
    var datagram = opening(forward: forward, returned: returned).bytes
    HandshakeOptions(message2: (initiator, message)).append(to: &datagram)
    return datagram
  }

  /// FIRST with Noise message 2, from a responder whose own cookie came back: session id 0.
  static func first(_ message: [UInt8], initiator: SessionID, returned: UInt32) -> [UInt8] {
    var datagram = P2TPHeader(sop: true, clr: true, yts: true, first: 0, second: returned).bytes
    datagram.append(bigEndian: SessionID.none.value)
    HandshakeOptions(message2: (initiator, message)).append(to: &datagram)
    return datagram
  }

  /// ANSWER without a session: stateless.
  static func bareAnswer(forward: UInt32, returned: UInt32, token: [UInt8]?) -> [UInt8] {
    var datagram = opening(forward: forward, returned: returned).bytes
    if let token { HandshakeOptions(token: token).append(to: &datagram) }
    return datagram
  }

  private static func opening(forward: UInt32, returned: UInt32?) -> P2TPHeader {
    P2TPHeader(
      sop: false, clr: returned != nil, yts: returned != nil, first: forward,
      second: returned ?? 0)
  }
}

/// The Noise parameters of P2TP (protocol §2.1).
enum P2TPNoise {
  /// "IPv8 P2TP v1" ‖ 0 ‖ the responder's PermID.
  static func prologue(responder: PermID) -> [UInt8] {
    [UInt8]("IPv8 P2TP v1\0".utf8) + responder.bytes
  }

  /// 32 zero bytes where two peers share no secret.
  static let noPSK = SecretBytes(copying: [UInt8](repeating: 0, count: 32).rawSpan)

  static func initiator(
    _ identity: IdentityKey, ephemeral: AgreementKey, responder: PermID, responderKey: [UInt8]
  ) -> NoiseHandshake {
    NoiseHandshake(
      pattern: .ikPSK2, role: .initiator, prologue: prologue(responder: responder),
      localStatic: identity.agreementKey, localEphemeral: ephemeral, remoteStatic: responderKey,
      psks: [noPSK])
  }

  static func responder(_ identity: IdentityKey, ephemeral: AgreementKey) -> NoiseHandshake {
    NoiseHandshake(
      pattern: .ikPSK2, role: .responder, prologue: prologue(responder: identity.permID),
      localStatic: identity.agreementKey, localEphemeral: ephemeral, psks: [noPSK])
  }

  /// The transport keys for `suite`: Noise's own for its own cipher, derived ones for another.
  static func keys(_ noise: NoiseHandshake, suite: AEADSuite) -> (
    send: SecretBytes, receive: SecretBytes
  ) {
    let keys = noise.split()
    guard suite != .chaCha20Poly1305 else { return keys }
    let label = [UInt8]("ipv8 aead".utf8) + [suite.rawValue]
    func derived(_ key: SecretBytes) -> SecretBytes {
      SecretBytes(copying: BLAKE2b.hash(label, count: 32, key: key).rawSpan)
    }
    return (derived(keys.send), derived(keys.receive))
  }
}

/// Noise message 1 as its responder read it: who calls, and the handshake to answer with.
public struct ReceivedCall: Sendable {
  public let payload: InitiatorPayload
  let message1: [UInt8]
  let noise: NoiseHandshake

  /// Reads and authenticates `message1`; nil where it is malformed, forged, or its identity does
  /// not belong to its key.
  ///
  /// - Parameter ephemeral: a fresh key pair for the answer.
  public init?(_ message1: [UInt8], identity: IdentityKey, ephemeral: AgreementKey) {
    var noise = P2TPNoise.responder(identity, ephemeral: ephemeral)
    guard let bytes = try? noise.read(message1), let payload = InitiatorPayload(bytes),
      let key = payload.permID.agreementPublicKey, key == noise.remoteStatic,
      payload.permID != identity.permID
    else { return nil }
    self.payload = payload
    self.message1 = message1
    self.noise = noise
  }
}
