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
    let reported = sessions[place].peerFeedback
    sessions[place].receive(news, at: now)
    touch(place)
    let records = sessions[place].takeRecordCounts()
    peers[index]?.toPeer.note(records: records.toPeer, at: now)
    peers[index]?.fromPeer.note(bytes: news.dataBytes, records: records.fromPeer, at: now)
    queues.reconsider(at: now)
    guard news.records > 0 else { return }
    peers[index]?.lastHeard = news.lastAt
    guard let newest = news.newest else { return }
    let wasLost = peers[index]?.path?.isLost
    let isSending = news.session == peers[index]?.sending
    let asks = peers[index]?.path?.heard(
      from: newest.source, byteCount: newest.byteCount, newest: isSending,
      sign: news.saysHere ? .here : news.dataAt != nil ? .data : .probe, last: news.lastAt,
      at: now, token: entropy.next())
    if wasLost == true { release(index, at: now, into: &out) }
    if isSending {
      noteLosses(reported, news.peerFeedback, index, place, at: now, into: &out)
    }
    // Not at once: an answer to what these records ask goes first, as bytes may be scarce.
    if asks == true { scheduleWake(now) }
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
    if returnedPathMTU(token, of: index, at: now, into: &out) { return }
    if let endpoint = peers[index]?.path?.returned(token, at: now) {
      moved(index, endpoint, at: now, into: &out)
    }
    guard let match = challenges.firstIndex(where: { $0.token == token && $0.peer == index })
    else { return }
    let question = challenges.remove(at: match)
    let roundTrip = now - question.at
    out.events.append(.pong(index, token: token, roundTrip: roundTrip, from: source))
    if source == question.endpoint { proved(question, roundTrip, at: now, into: &out) }
    // Only in answers to our own questions, so that a peer cannot make us sign records at will; and
    // only of the network: what a relay or a stream shows is no endpoint of ours.
    guard peers[index]?.observedAs != observed, !source.isReserved else { return }
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

  /// Tells every open peer that we are where these records come from, and asks for answers by all
  /// proven ways: after a change of this host's own addresses.
  public mutating func challengeAll(at now: Timestamp, into out: inout TransmitOutput) {
    for index in peers.indices {
      guard let peer = peers[index], let id = peer.sending, let path = peer.path else { continue }
      challenge(on: id, of: index, to: path.current, saysHere: true, at: now, into: &out)
      for other in path.proven where other.endpoint != path.current {
        challenge(on: id, of: index, to: other.endpoint, at: now, into: &out)
      }
      guard let place = sessions.place(of: id) else { continue }
      let smoothed = sessions[place].roundTrip.smoothed
      peers[index]?.path?.mistrust(smoothed: smoothed, at: now)
      touch(place)
    }
  }

  @discardableResult
  mutating func challenge(
    on id: SessionID, of index: PeerIndex, to endpoint: Endpoint, saysHere: Bool = false,
    isProbe: Bool = false, at now: Timestamp, into out: inout TransmitOutput
  ) -> UInt64 {
    let token = entropy.next()
    if challenges.count == Self.challengeLimit { challenges.removeFirst() }
    challenges.append(
      Challenge(token: token, peer: index, endpoint: endpoint, at: now, isProbe: isProbe))
    var frames: [UInt8] = []
    if saysHere { Frame.here.append(to: &frames) }
    Frame.challenge(token).append(to: &frames)
    Frame.pad(&frames, to: saysHere ? Frame.leastHereByteCount : Frame.leastAskingByteCount)
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
