import IPv8Crypto
import IPv8Wire
import P2TP

extension Node {
  /// Handles a datagram that no live session claims.
  ///
  /// Returns true where it is a record of a session that is open by now: the data plane, which has
  /// the session after the actions, takes the same datagram again, once. Those are the record that
  /// opens a session and any others of the same batch.
  public mutating func receive(
    _ datagram: [UInt8], from endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    switch DatagramKind(datagram.rawSpan) {
    case .record(let header, let id):
      return receiveRecord(datagram, header, id, from: endpoint, at: now, into: &actions)
    case .opening(let header):
      receiveOpening(
        datagram, header, optionsAt: P2TPHeader.byteCount, from: endpoint, at: now, into: &actions)
    case .openedOptions(let header):
      receiveOpening(
        datagram, header, optionsAt: DatagramKind.recordPrefix, from: endpoint, at: now,
        into: &actions)
    case .relayed, .stun, .malformed: counters.malformed += 1
    }
    return false
  }

  /// Whether a session of ours that is not open yet has this id: its records may come early.
  public func awaits(_ id: SessionID) -> Bool {
    guard let index = host.owners[id.base] else { return false }
    return peers[index]?.association.isLive(id.base) == false
  }

  private mutating func receiveRecord(
    _ datagram: [UInt8], _ header: P2TPHeader, _ id: SessionID, from endpoint: Endpoint,
    at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    guard let index = host.owners[id.base] else {
      counters.unknownSession += 1
      return false
    }
    if id.strand > 0 {
      // Only the first strand opens a session.
      return peers[index]?.association.isLive(id.base) == true
    }
    let confirmed = associate(index, at: now, into: &actions) { association, host, opening in
      association.confirm(
        datagram, header: header, from: endpoint, at: now, host: &host, into: &opening)
    }
    if confirmed == true || peers[index]?.association.isLive(id) == true { return true }
    counters.unknownSession += 1
    return false
  }

  private mutating func receiveOpening(
    _ datagram: [UInt8], _ header: P2TPHeader, optionsAt offset: Int, from endpoint: Endpoint,
    at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let options = HandshakeOptions(datagram.rawSpan, from: offset) else {
      counters.malformed += 1
      return
    }
    if let message1 = options.message1, !header.sop {
      guard mac1.verifies(datagram.rawSpan, options: options) else {
        counters.silent += 1
        return
      }
      let start = actions.count
      receiveCall(message1, header, options, from: endpoint, at: now, into: &actions)
      limit(&actions, from: start, answering: datagram.count, header, from: endpoint, at: now)
    } else if let answer = options.message2 {
      receiveAnswer(answer, header, from: endpoint, at: now, into: &actions)
    } else if header.sop {
      counters.malformed += 1
    } else if header.second != 0 {
      receiveBareAnswer(header, options.token, from: endpoint, at: now, into: &actions)
    } else {
      receiveProbe(header, from: endpoint, at: now, into: &actions)
    }
  }

  /// A bare INIT asks whether we are here; only those we know, or everyone if we are public, hear.
  private mutating func receiveProbe(
    _ header: P2TPHeader, from endpoint: Endpoint, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard header.first != 0, isPublic || knows(endpoint) || isPunching(endpoint) else {
      counters.silent += 1
      return
    }
    let answer = Responder.bareAnswer(
      header, to: endpoint, cookies: host.cookies, withToken: false, at: now.boot)
    actions.append(.send(answer, to: endpoint))
    hearKnock(from: endpoint, at: now, into: &actions)
  }

  private mutating func receiveBareAnswer(
    _ header: P2TPHeader, _ token: [UInt8]?, from endpoint: Endpoint, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    // Checked first, because it is cheap and anyone can send these eight bytes.
    guard host.cookies.isGood(header.second, from: endpoint, at: now.boot) else {
      counters.badHandshake += 1
      return
    }
    for index in sortedPeers where peers[index]?.association.expects(endpoint) == true {
      let taken = associate(index, at: now, into: &actions) { association, host, opening in
        association.receiveBareAnswer(
          header, token: token, from: endpoint, at: now, host: &host, into: &opening)
      }
      if taken == true { return }
    }
    if !hearAnswer(from: endpoint, at: now, into: &actions) { counters.badHandshake += 1 }
  }

  private mutating func receiveAnswer(
    _ answer: (initiator: SessionID, message: [UInt8]), _ header: P2TPHeader,
    from endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let index = host.owners[answer.initiator] else {
      counters.badHandshake += 1
      return
    }
    let opened = associate(index, at: now, into: &actions) { association, host, opening in
      association.receiveMessage2(
        answer.message, header: header, from: endpoint, at: now, host: &host, into: &opening)
    }
    if opened != true { counters.badHandshake += 1 }
  }

  /// Noise message 1 under a right MAC1: by load, answered, or sent a cookie to come back with.
  private mutating func receiveCall(
    _ message1: [UInt8], _ header: P2TPHeader, _ options: HandshakeOptions,
    from endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard header.first != 0 else {
      counters.malformed += 1
      return
    }
    let returned = returns(header, from: endpoint, at: now.boot)
    if let key = Association.callKey(message1), let index = answeredCalls[key],
      peers[index]?.association.hasAnswered(message1) == true
    {
      associate(index, at: now, into: &actions) { association, host, opening in
        association.repeatAnswer(
          header, returned: returned, from: endpoint, at: now.boot, host: host, into: &opening)
      }
      return
    }
    let isKnown = knows(endpoint)
    let level = gate.arrival(pending: answeredCalls.count, isKnown: isKnown, at: now.boot)
    guard
      admits(
        level, header, options, returned: returned, isKnown: isKnown, from: endpoint, at: now.boot)
    else {
      sendCookie(header, to: endpoint, withToken: level == .token, at: now, into: &actions)
      return
    }
    let ephemeral = AgreementKey(secret: host.entropy.secret(32))
    guard let call = ReceivedCall(message1, identity: host.identity, ephemeral: ephemeral) else {
      if returned { gate.forgery(at: now.boot) }
      counters.badHandshake += 1
      return
    }
    guard let index = indices[call.payload.permID] else {
      counters.stranger += 1
      inquire(call.payload.permID, from: endpoint.address, at: now, into: &actions)
      return
    }
    let taken = associate(index, at: now, into: &actions) { association, host, opening in
      association.receive(
        call, header: header, returned: returned, from: endpoint, at: now, host: &host,
        into: &opening)
    }
    // A time not later than the last: from a replay, or a peer whose clock went back. Only who
    // receives at that address can come again with our timestamp (rule R9).
    if taken != true { sendCookie(header, to: endpoint, withToken: false, at: now, into: &actions) }
  }

  /// Before the caller is known to receive at `endpoint`, no answer longer than its call goes there
  /// (protocol §1.4): eight bytes do instead, with which it can come again.
  private mutating func limit(
    _ actions: inout [NodeAction], from start: Int, answering byteCount: Int,
    _ header: P2TPHeader, from endpoint: Endpoint, at now: Moment
  ) {
    guard !returns(header, from: endpoint, at: now.boot) else { return }
    for place in start..<actions.count {
      guard case .send(let bytes, endpoint) = actions[place], bytes.count > byteCount else {
        continue
      }
      let answer = Responder.bareAnswer(
        header, to: endpoint, cookies: host.cookies, withToken: false, at: now.boot)
      actions[place] = .send(answer, to: endpoint)
    }
  }

  /// Whether the sender returned a good timestamp of ours: it receives at `endpoint`.
  private func returns(_ header: P2TPHeader, from endpoint: Endpoint, at now: Timestamp) -> Bool {
    header.yts && host.cookies.isGood(header.second, from: endpoint, at: now)
  }

  private mutating func admits(
    _ level: LoadGate.Level, _ header: P2TPHeader, _ options: HandshakeOptions, returned: Bool,
    isKnown: Bool, from endpoint: Endpoint, at now: Timestamp
  ) -> Bool {
    guard answeredCalls.count < Self.pendingLimit else { return false }
    guard level > .none else { return true }
    guard returned, sources.take(endpoint.address, at: now) else { return false }
    if level == .token {
      let isGood = options.token.map {
        host.cookies.isGood(token: $0, from: endpoint, cookie: header.second, at: now)
      }
      guard isGood == true else { return false }
    }
    guard isKnown || gate.takeUnknown(at: now) else {
      counters.unknownShare += 1
      return false
    }
    return true
  }

  /// Sends the stateless answer, never longer than what it answers.
  private mutating func sendCookie(
    _ header: P2TPHeader, to endpoint: Endpoint, withToken: Bool, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    counters.deferred += 1
    let answer = Responder.bareAnswer(
      header, to: endpoint, cookies: host.cookies, withToken: withToken, at: now.boot)
    actions.append(.send(answer, to: endpoint))
  }

  var sortedPeers: [PeerIndex] { peers.keys.sorted { $0.value < $1.value } }
}
