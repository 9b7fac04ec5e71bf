import IPv8Crypto
import IPv8Wire

/// Everything between this host and one peer that opens and replaces sessions: the state machine of
/// protocol §1.5, its rules R1 to R10.
///
/// States, of which the first three exclude each other:
/// - idle;
/// - knocking: we are Noise initiator and repeat message 1 to all candidates;
/// - answered: we sent message 2 and wait for the peer's first record, which confirms;
/// - beside any of them, live sessions; one of them is the one to send on.
///
/// Bytes and time in, ``OpeningAction`` values out. The data plane owns live sessions; it reports
/// what happens to them through the last group of functions.
public struct Association: Sendable {
  /// A pending answer younger than this keeps us from knocking ourselves (rule R1).
  static let answerHeadStart = Interval.seconds(1)
  /// Two sessions of opposite roles whose handshakes overlapped collide within this time (rule R6).
  static let collision = Interval.seconds(5)
  /// Live sessions; beyond it the oldest is retired.
  static let liveLimit = 4

  struct Live: Sendable {
    let id: SessionID
    let role: EstablishedSession.Role
    let at: Timestamp
  }

  public let peer: PermID
  let peerKey: [UInt8]
  let mac1: MAC1
  /// Whether we remain Noise initiator when both call at once (rule R2).
  let isGreater: Bool
  /// Whether a call is repeated for ever.
  public var patient = false
  /// The peer's newest handshake time that was confirmed.
  public internal(set) var peerTime: WallTime

  var knock: Knock?
  var answered: Answered?
  var live: [Live] = []
  var sending: SessionID?
  var wantedAt: Timestamp?

  /// Nil where `peer` is no valid key.
  public init?(local: PermID, peer: PermID, peerTime: WallTime) {
    guard let key = peer.agreementPublicKey, peer != local else { return nil }
    self.peer = peer
    peerKey = key
    mac1 = MAC1(recipient: peer)
    isGreater = local > peer
    self.peerTime = peerTime
  }

  public var isOpen: Bool { sending != nil }
  public var isOpening: Bool { knock != nil || answered != nil }
  /// When the call in progress began.
  public var knockingSince: Timestamp? { knock?.startedAt }

  /// Ids of ours by which datagrams for this association are found.
  public var localIDs: [SessionID] {
    [knock?.localID, answered?.localID].compactMap { $0 } + live.map(\.id)
  }

  public func isLive(_ id: SessionID) -> Bool { live.contains { $0.id == id } }

  /// Whether a call of ours is under way to `endpoint`.
  public func expects(_ endpoint: Endpoint) -> Bool { knock?.paths[endpoint] != nil }

  /// What the pending answer is found by when the same call comes again.
  public var answeredCallKey: UInt128? { answered.flatMap { Self.callKey($0.message1) } }

  /// The first half of the ephemeral key in Noise message 1; nil for fewer bytes.
  public static func callKey(_ message1: [UInt8]) -> UInt128? {
    message1.count >= 32 ? message1.rawSpan.bigEndian(UInt128.self, at: 0) : nil
  }

  // MARK: Live sessions

  /// - Parameter begunAt: when the handshake began here. One that began after the previous session
  ///   was open does not collide with it: the peer has started anew, and that session is dead to it.
  mutating func opened(
    _ established: EstablishedSession, begunAt: Timestamp, into actions: inout [OpeningAction]
  ) {
    let previous = live.first { $0.id == sending }
    live.append(
      Live(id: established.localID, role: established.role, at: established.establishedAt))
    let preferred: EstablishedSession.Role = isGreater ? .initiator : .responder
    let keepsPrevious =
      previous.map {
        established.establishedAt - $0.at < Self.collision && $0.role != established.role
          && $0.role == preferred && begunAt < $0.at
      } ?? false
    if !keepsPrevious { sending = established.localID }
    wantedAt = nil
    actions.append(.opened(established, sendOn: !keepsPrevious))
    if live.count > Self.liveLimit, let oldest = live.firstIndex(where: { $0.id != sending }) {
      actions.append(.retire(live.remove(at: oldest).id))
    }
  }

  /// The data plane removed a session: it expired, closed, or was retired.
  public mutating func removed(_ id: SessionID) {
    live.removeAll { $0.id == id }
    if sending == id { sending = live.last?.id }
  }

  /// Ends everything; the actions retire what lives.
  public mutating func close(into actions: inout [OpeningAction]) {
    for session in live { actions.append(.retire(session.id)) }
    live = []
    sending = nil
    knock = nil
    answered = nil
    wantedAt = nil
  }

  // MARK: Time

  /// When ``advance(to:candidates:host:into:)`` has something to do.
  public var nextDeadline: Timestamp? {
    [knock?.nextAt, answered.map { $0.at + Answered.lifetime }, wantedAt].compactMap { $0 }.min()
  }

  /// - Parameter candidates: where the peer may be, for a call that was put off.
  public mutating func advance(
    to now: Moment, candidates: [Endpoint], host: inout OpeningHost,
    into actions: inout [OpeningAction]
  ) {
    if let answered, now.boot - answered.at >= Answered.lifetime { self.answered = nil }
    if let wantedAt, wantedAt <= now.boot {
      self.wantedAt = nil
      call(candidates, at: now, host: &host, into: &actions)
    }
    guard let knock, knock.nextAt <= now.boot else { return }
    if !patient, now.boot - knock.startedAt >= Knock.patience {
      self.knock = nil
      actions.append(.gaveUp)
      return
    }
    if now.boot - knock.madeAt >= Knock.messageLifetime,
      let made = makeMessage1(at: now, host: &host)
    {
      self.knock?.noise = made.noise
      self.knock?.message1 = made.message
      self.knock?.localID = made.id
      self.knock?.madeAt = now.boot
    }
    for candidate in candidates { self.knock?.add(candidate) }
    knockAll(at: now, host: &host, into: &actions)
  }
}
