import IPv8Crypto
import IPv8Wire

/// What all associations of one host share: its identity, its cookies, its entropy.
public struct OpeningHost: ~Copyable {
  public let identity: IdentityKey
  public let cookies: CookieIssuer
  public var entropy: Entropy
  /// The suites that this host does well.
  public let aeadOffer: AEADOffer
  /// What we tell peers that we can do.
  public let capabilities: PeerCapabilities
  /// Our own signed binding record, sent with handshakes; nil before there is one.
  public var binding: [UInt8]?
  /// The time of our last handshake message; the next one is later, whatever the clock says.
  public private(set) var lastHandshakeTime: WallTime
  /// Whose each of our session ids is, pending and live; kept by the owner of the associations.
  public var owners: [SessionID: PeerIndex] = [:]

  public init(
    identity: IdentityKey, entropy: consuming Entropy, aeadOffer: AEADOffer,
    capabilities: PeerCapabilities = .local,
    lastHandshakeTime: WallTime
  ) {
    self.identity = identity
    self.entropy = entropy
    cookies = CookieIssuer(bootKey: self.entropy.secret(32))
    self.aeadOffer = aeadOffer
    self.capabilities = capabilities
    self.lastHandshakeTime = lastHandshakeTime
  }

  /// A random id of a first strand that no session of this host has, 0 excluded.
  mutating func newSessionID() -> SessionID {
    while true {
      let id = SessionID(UInt32(truncatingIfNeeded: entropy.next())).base
      if id != .none, owners[id] == nil { return id }
    }
  }

  mutating func handshakeTime(at now: Moment) -> WallTime {
    let next = WallTime(milliseconds: lastHandshakeTime.milliseconds + 1)
    lastHandshakeTime = max(next, now.wall)
    return lastHandshakeTime
  }
}

/// What an ``Association`` wants done.
public enum OpeningAction: Sendable {
  /// Send these bytes as one datagram.
  case send([UInt8], to: Endpoint)
  /// A session is open; send on it unless told otherwise.
  case opened(EstablishedSession, sendOn: Bool)
  /// End a live session.
  case retire(SessionID)
  /// The call found nobody in 30 s.
  case gaveUp
}
