import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  /// Takes what a session's inbound side learnt.
  public mutating func receive(
    _ news: Reception, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let place = sessions.place(of: news.session) else { return }
    let index = sessions[place].peer
    sessions[place].receive(news, at: now)
    touch(place)
    peers[index]?.receivedBytes += news.dataBytes
    guard news.records > 0 else { return }
    peers[index]?.lastHeard = news.lastAt
    guard let newest = news.newest else { return }
    let isSending = news.session == peers[index]?.sending
    let asks = peers[index]?.path?.heard(
      from: newest.source, byteCount: newest.byteCount, newest: isSending, at: now,
      token: entropy.next())
    guard asks == true, let path = peers[index]?.path, let attempt = path.tentative else { return }
    sendChallenge(attempt.token, to: attempt.endpoint, on: news.session, at: now, into: &out)
    scheduleWake(path.nextDeadline)
  }

  /// Does what a record asks for.
  public mutating func handle(
    _ event: ReceiveEvent, at now: Timestamp, into out: inout TransmitOutput
  ) {
    switch event {
    case .confirmed: break
    case .challenged(let id, let token, let source):
      var frames: [UInt8] = []
      Frame.response(token, observed: source).append(to: &frames)
      sendRecord(frames, on: id, to: source, at: now, into: &out)
    case .answered(let id, let token, let observed, let source, let arrival):
      guard let place = sessions.place(of: id) else { return }
      returned(token, observed, from: source, of: sessions[place].peer, at: arrival, into: &out)
    case .over(let id, let closedByPeer):
      guard let place = sessions.place(of: id) else { return }
      end(place, closedByPeer: closedByPeer, into: &out)
    }
  }

  private mutating func returned(
    _ token: UInt64, _ observed: Endpoint, from source: Endpoint, of index: PeerIndex,
    at now: Timestamp, into out: inout TransmitOutput
  ) {
    if let endpoint = peers[index]?.path?.returned(token) {
      out.events.append(.moved(index, endpoint))
    }
    guard let match = challenges.firstIndex(where: { $0.token == token && $0.peer == index })
    else { return }
    let sentAt = challenges.remove(at: match).at
    out.events.append(.pong(index, token: token, roundTrip: now - sentAt, from: source))
    // Only in answers to our own questions, so that a peer cannot make us sign records at will.
    guard peers[index]?.observedAs != observed else { return }
    peers[index]?.observedAs = observed
    out.events.append(.observed(index, observed))
  }

  /// Asks the peer for an answer on its current path; ``LaneEvent/pong(_:token:roundTrip:from:)``
  /// brings it. Returns the token; nil where no session is open.
  public mutating func challenge(
    _ index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) -> UInt64? {
    guard let peer = peers[index], let id = peer.sending, let path = peer.path else { return nil }
    return challenge(on: id, of: index, to: path.current, at: now, into: &out)
  }

  /// Challenges every open peer: after a change of this host's own addresses, so that each learns
  /// the new ones at once.
  public mutating func challengeAll(at now: Timestamp, into out: inout TransmitOutput) {
    for index in peers.indices { _ = challenge(index, at: now, into: &out) }
  }

  @discardableResult
  mutating func challenge(
    on id: SessionID, of index: PeerIndex, to endpoint: Endpoint, at now: Timestamp,
    into out: inout TransmitOutput
  ) -> UInt64 {
    let token = entropy.next()
    if challenges.count == Self.challengeLimit { challenges.removeFirst() }
    challenges.append((token, index, now))
    var frames: [UInt8] = []
    Frame.challenge(token).append(to: &frames)
    sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
    return token
  }

  mutating func sendChallenge(
    _ token: UInt64, to endpoint: Endpoint, on id: SessionID, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    var frames: [UInt8] = []
    Frame.challenge(token).append(to: &frames)
    sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
  }
}
