import IPv8Crypto
import IPv8Wire

@testable import P2TP

extension EstablishedSession {
  static func forTests(
    ids: (local: UInt32, remote: UInt32), isInitiator: Bool, suite: AEADSuite,
    keys: (send: SecretBytes, receive: SecretBytes), at now: Timestamp, endpoint: Endpoint
  ) -> EstablishedSession {
    EstablishedSession(
      localID: SessionID(ids.local), remoteID: SessionID(ids.remote),
      role: isInitiator ? .initiator : .responder, suite: suite, peerCapabilities: .local,
      sendKey: keys.send,
      receiveKey: keys.receive, establishedAt: now, endpoint: endpoint, returnCookie: nil,
      issuedCookies: [], clockOffset: 0, roundTrip: nil, peerBinding: nil, handshakeTime: nil)
  }
}
