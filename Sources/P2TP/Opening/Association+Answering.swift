import IPv8Crypto
import IPv8Wire

extension Association {
  /// Whether `message1` is the one already answered: the same answer again costs no agreement.
  public func hasAnswered(_ message1: [UInt8]) -> Bool { answered?.message1 == message1 }

  /// Answers the pending call again.
  ///
  /// - Parameter returned: whether the datagram returned a good timestamp of ours.
  public mutating func repeatAnswer(
    _ header: P2TPHeader, returned: Bool, from endpoint: Endpoint, at now: Timestamp,
    host: borrowing OpeningHost, into actions: inout [OpeningAction]
  ) {
    if returned, answered.map({ $0.routable.count < Knock.candidateLimit }) == true {
      answered?.routable.insert(endpoint)
    }
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
    guard
      let answer = answer(
        call, routable: returned ? [endpoint] : [], at: now.boot, host: &host)
    else {
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
    _ call: ReceivedCall, routable: Set<Endpoint>, at now: Timestamp, host: inout OpeningHost
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
      at: now, routable: routable)
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
    guard pending.routable.contains(endpoint) || returned else { return false }
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
      issuedCookies: pending.issuedCookies,
      clockOffset: UInt32(truncatingIfNeeded: host.entropy.next()), roundTrip: nil,
      peerBinding: pending.binding,
      handshakeTime: peerTime)
    opened(established, begunAt: pending.at, into: &actions)
    return true
  }
}
