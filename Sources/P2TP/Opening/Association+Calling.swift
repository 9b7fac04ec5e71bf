import IPv8Crypto
import IPv8Wire

extension Association {
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

  /// Knocks at `endpoint` now: within the call in progress, or as one that begins.
  public mutating func knock(
    at endpoint: Endpoint, at now: Moment, host: inout OpeningHost,
    into actions: inout [OpeningAction]
  ) {
    guard knock != nil else {
      call([endpoint], at: now, host: &host, into: &actions)
      return
    }
    knock?.add(endpoint)
    if knock?.paths[endpoint] != nil, knock?.takesTurn(endpoint, at: now.boot) == true {
      sendKnock(to: endpoint, at: now.boot, host, into: &actions)
    }
  }

  func makeMessage1(
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

  mutating func knockAll(
    at now: Moment, host: inout OpeningHost, into actions: inout [OpeningAction]
  ) {
    guard let candidates = knock?.candidates else { return }
    for candidate in candidates { sendKnock(to: candidate, at: now.boot, host, into: &actions) }
    knock?.schedule(patient: patient, at: now.boot, jitter: host.entropy.next())
  }

  mutating func sendKnock(
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
      clockOffset: UInt32(truncatingIfNeeded: host.entropy.next()),
      roundTrip: now.boot - sentAt, peerBinding: payload.extensions.binding, handshakeTime: nil)
    self.knock = nil
    opened(established, begunAt: knock.madeAt, into: &actions)
    return true
  }
}
