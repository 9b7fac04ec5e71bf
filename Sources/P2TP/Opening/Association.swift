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
  public private(set) var peerTime: WallTime

  private(set) var knock: Knock?
  private(set) var answered: Answered?
  private(set) var live: [Live] = []
  private(set) var sending: SessionID?
  private var wantedAt: Timestamp?

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

  // MARK: Calling

  /// Begins a call, unless one is under way or the peer's own call is about to open a session (R1).
  public mutating func call(
    _ candidates: [Endpoint], at now: Moment, host: inout OpeningHost,
    into actions: inout [OpeningAction]
  ) {
    if knock != nil {
      for candidate in candidates { knock?.add(candidate) }
      return
    }
    if let answered, now.boot - answered.at < Self.answerHeadStart {
      wantedAt = answered.at + Self.answerHeadStart
      return
    }
    guard !candidates.isEmpty, let made = makeMessage1(at: now, host: &host) else { return }
    knock = Knock(
      noise: made.noise, message1: made.message, localID: made.id, candidates: candidates,
      at: now.boot)
    knockAll(at: now, host: &host, into: &actions)
  }

  private func makeMessage1(
    at now: Moment, host: inout OpeningHost
  ) -> (noise: NoiseHandshake, message: [UInt8], id: SessionID)? {
    let id = host.newSessionID()
    var noise = P2TPNoise.initiator(
      host.identity, ephemeral: AgreementKey(secret: host.entropy.secret(32)), responder: peer,
      responderKey: peerKey)
    let payload = InitiatorPayload(
      capabilities: host.capabilities, aeadOffer: host.aeadOffer.rawValue, sessionID: id,
      time: host.handshakeTime(at: now),
      permID: host.identity.permID, extensions: HandshakeExtensions(binding: host.binding))
    guard let message = try? noise.write(payload.bytes) else { return nil }
    return (noise, message, id)
  }

  private mutating func knockAll(
    at now: Moment, host: inout OpeningHost, into actions: inout [OpeningAction]
  ) {
    guard let candidates = knock?.candidates else { return }
    for candidate in candidates { sendKnock(to: candidate, at: now.boot, host, into: &actions) }
    knock?.schedule(patient: patient, at: now.boot, jitter: host.entropy.next())
  }

  private mutating func sendKnock(
    to endpoint: Endpoint, at now: Timestamp, _ host: borrowing OpeningHost,
    into actions: inout [OpeningAction]
  ) {
    guard var path = knock?.paths[endpoint], let message1 = knock?.message1 else { return }
    let forward = host.cookies.issue(to: endpoint, at: now)
    path.cookies.note(forward, at: now)
    knock?.paths[endpoint] = path
    let datagram = OpeningDatagram.message1(
      message1, forward: forward, returned: path.peerForward, token: path.token, mac1: mac1)
    actions.append(.send(datagram, to: endpoint))
  }

  /// A bare ANSWER from `endpoint` (with a token at load level 2): remember what to return and knock
  /// again at once. False where it returns no cookie of this call.
  public mutating func receiveBareAnswer(
    _ header: P2TPHeader, token: [UInt8]?, from endpoint: Endpoint, at now: Moment,
    host: inout OpeningHost, into actions: inout [OpeningAction]
  ) -> Bool {
    guard knock?.paths[endpoint]?.cookies.sentTime(of: header.second, at: now.boot) != nil else {
      return false
    }
    knock?.paths[endpoint]?.peerForward = header.first
    knock?.paths[endpoint]?.token = token
    if knock?.takesTurn(endpoint, at: now.boot) == true {
      sendKnock(to: endpoint, at: now.boot, host, into: &actions)
    }
    return true
  }

  /// Noise message 2 for the call in progress. False where it answers no call of ours, returns no
  /// cookie of ours, or is forged; nothing changed then.
  public mutating func receiveMessage2(
    _ message: [UInt8], header: P2TPHeader, from endpoint: Endpoint, at now: Moment,
    host: inout OpeningHost, into actions: inout [OpeningAction]
  ) -> Bool {
    guard let knock, let path = knock.paths[endpoint],
      let sentAt = path.cookies.sentTime(of: header.second, at: now.boot)
    else { return false }
    // A copy is read, so that a forged message leaves the call as it was.
    var noise = knock.noise
    guard let bytes = try? noise.read(message), let payload = ResponderPayload(bytes),
      let suite = AEADSuite(rawValue: payload.aeadChosen),
      host.aeadOffer.contains(AEADOffer(rawValue: 1 << payload.aeadChosen))
    else { return false }
    let keys = P2TPNoise.keys(noise, suite: suite)
    let established = EstablishedSession(
      localID: knock.localID, remoteID: payload.sessionID, role: .initiator, suite: suite,
      peerCapabilities: payload.capabilities,
      sendKey: keys.send, receiveKey: keys.receive, establishedAt: now.boot, endpoint: endpoint,
      returnCookie: header.sop ? path.peerForward : header.first, issuedCookies: [],
      roundTrip: now.boot - sentAt, peerBinding: payload.extensions.binding, handshakeTime: nil)
    self.knock = nil
    opened(established, begunAt: knock.madeAt, into: &actions)
    return true
  }

  // MARK: Answering

  /// Whether `message1` is the one already answered: the same answer again costs no agreement.
  public func hasAnswered(_ message1: [UInt8]) -> Bool { answered?.message1 == message1 }

  /// Answers the pending call again.
  ///
  /// - Parameter returned: whether the datagram returned a good timestamp of ours.
  public mutating func repeatAnswer(
    _ header: P2TPHeader, returned: Bool, from endpoint: Endpoint, at now: Timestamp,
    host: borrowing OpeningHost, into actions: inout [OpeningAction]
  ) {
    if returned { answered?.returnRoutable = true }
    sendAnswer(header, returned: returned, to: endpoint, at: now, host, into: &actions)
  }

  /// The peer's call, authenticated. False where it is stale (rule R9).
  ///
  /// - Parameter returned: whether the datagram returned a good timestamp of ours.
  public mutating func receive(
    _ call: ReceivedCall, header: P2TPHeader, returned: Bool, from endpoint: Endpoint,
    at now: Moment, host: inout OpeningHost, into actions: inout [OpeningAction]
  ) -> Bool {
    guard call.payload.time > peerTime || returned,
      answered.map({ call.payload.time > $0.time }) ?? true
    else { return false }
    if knock != nil, isGreater {
      insist(header, to: endpoint, at: now.boot, host, into: &actions)
      return true
    }
    guard let answer = answer(call, returned: returned, at: now.boot, host: &host) else {
      return false
    }
    // The call withdrawn for the peer's own is taken up again, should that one lead nowhere.
    if knock != nil { wantedAt = now.boot + Answered.lifetime }
    knock = nil
    answered = answer
    sendAnswer(header, returned: returned, to: endpoint, at: now.boot, host, into: &actions)
    return true
  }

  /// Both call and we stay initiator: knock back with the peer's timestamp returned (rule R2).
  private mutating func insist(
    _ header: P2TPHeader, to endpoint: Endpoint, at now: Timestamp, _ host: borrowing OpeningHost,
    into actions: inout [OpeningAction]
  ) {
    knock?.add(endpoint)
    guard knock?.paths[endpoint] != nil else { return }
    knock?.paths[endpoint]?.peerForward = header.first
    if knock?.takesTurn(endpoint, at: now) == true {
      sendKnock(to: endpoint, at: now, host, into: &actions)
    }
  }

  private func answer(
    _ call: ReceivedCall, returned: Bool, at now: Timestamp, host: inout OpeningHost
  ) -> Answered? {
    let offer = AEADOffer(rawValue: call.payload.aeadOffer)
    guard let suite = host.aeadOffer.chosen(with: offer) else { return nil }
    let payload = ResponderPayload(
      capabilities: host.capabilities, aeadChosen: suite.rawValue, sessionID: host.newSessionID(),
      extensions: HandshakeExtensions(binding: host.binding))
    var noise = call.noise
    guard let message2 = try? noise.write(payload.bytes) else { return nil }
    let keys = P2TPNoise.keys(noise, suite: suite)
    return Answered(
      message1: call.message1, message2: message2, localID: payload.sessionID,
      remoteID: call.payload.sessionID, suite: suite,
      peerCapabilities: call.payload.capabilities, sendKey: keys.send,
      receiveKey: keys.receive, time: call.payload.time, binding: call.payload.extensions.binding,
      at: now, returnRoutable: returned)
  }

  private mutating func sendAnswer(
    _ header: P2TPHeader, returned: Bool, to endpoint: Endpoint, at now: Timestamp,
    _ host: borrowing OpeningHost, into actions: inout [OpeningAction]
  ) {
    guard let pending = answered else { return }
    if returned {
      // The returned value is what the caller may still return in its records.
      noteIssued(header.second)
      let datagram = OpeningDatagram.first(
        pending.message2, initiator: pending.remoteID, returned: header.first)
      actions.append(.send(datagram, to: endpoint))
      return
    }
    let forward = host.cookies.issue(to: endpoint, at: now)
    noteIssued(forward)
    let datagram = OpeningDatagram.answer(
      pending.message2, initiator: pending.remoteID, forward: forward, returned: header.first)
    actions.append(.send(datagram, to: endpoint))
  }

  private mutating func noteIssued(_ cookie: UInt32) {
    guard var cookies = answered?.issuedCookies else { return }
    if cookies.count == SentCookies.limit { cookies.removeFirst() }
    cookies.append(cookie)
    answered?.issuedCookies = cookies
  }

  /// A record for the pending answer's session. If it is authentic and its sender receives where it
  /// claims to be, the session opens; the owner then gives the same datagram to it. False otherwise.
  public mutating func confirm(
    _ datagram: [UInt8], header: P2TPHeader, from endpoint: Endpoint, at now: Moment,
    host: inout OpeningHost, into actions: inout [OpeningAction]
  ) -> Bool {
    guard let pending = answered else { return false }
    let returned =
      header.yts && host.cookies.isGood(header.second, from: endpoint, at: now.boot)
    guard pending.returnRoutable || returned else { return false }
    let key = AEADKey(suite: pending.suite, key: pending.receiveKey)
    var copy = datagram
    let authentic = copy.withMutableRawSpan { span in
      key.open(&span, prefix: DatagramKind.recordPrefix, counter: UInt64(header.first))
    }
    guard authentic else { return false }
    answered = nil
    knock = nil
    peerTime = max(peerTime, pending.time)
    let established = EstablishedSession(
      localID: pending.localID, remoteID: pending.remoteID, role: .responder,
      suite: pending.suite, peerCapabilities: pending.peerCapabilities, sendKey: pending.sendKey,
      receiveKey: pending.receiveKey,
      establishedAt: now.boot, endpoint: endpoint, returnCookie: nil,
      issuedCookies: pending.issuedCookies, roundTrip: nil, peerBinding: pending.binding,
      handshakeTime: peerTime)
    opened(established, begunAt: pending.at, into: &actions)
    return true
  }

  // MARK: Live sessions

  /// - Parameter begunAt: when the handshake began here. One that began after the previous session
  ///   was open does not collide with it: the peer has started anew, and that session is dead to it.
  private mutating func opened(
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
