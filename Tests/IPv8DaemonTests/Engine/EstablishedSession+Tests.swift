import IPv8Crypto
import IPv8Platform
import IPv8Wire

@testable import P2TP

extension EstablishedSession {
  /// The two ends of one session: the initiator's and the responder's.
  static func pair(
    at now: Timestamp, endpoints: (Endpoint, Endpoint)
  ) -> (EstablishedSession, EstablishedSession) {
    func key(_ byte: UInt8) -> SecretBytes {
      SecretBytes(copying: [UInt8](repeating: byte, count: 32).rawSpan)
    }
    func end(_ isFirst: Bool) -> EstablishedSession {
      EstablishedSession(
        localID: SessionID(isFirst ? 0x110 : 0x220), remoteID: SessionID(isFirst ? 0x220 : 0x110),
        role: isFirst ? .initiator : .responder, suite: .chaCha20Poly1305, peerCapabilities: .local,
        sendKey: key(isFirst ? 1 : 2), receiveKey: key(isFirst ? 2 : 1), establishedAt: now,
        endpoint: isFirst ? endpoints.1 : endpoints.0, returnCookie: nil, issuedCookies: [],
        clockOffset: 5, roundTrip: nil, peerBinding: nil, handshakeTime: nil)
    }
    return (end(true), end(false))
  }
}

/// A host of the tests of lanes.
struct TestHost: Sendable {
  let number: UInt8
  let address: OverlayAddress
  let endpoint: Endpoint

  init(_ number: UInt8) {
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128(number))) else {
      preconditionFailure("an overlay address")
    }
    self.number = number
    self.address = address
    endpoint = Endpoint(.v4(IPv4Address(0xc612_0000 + UInt32(number))), port: 1000)
  }

  var wireAlias: IPv4Address { IPv4Address(0x6440_0000 + UInt32(number)) }
}
