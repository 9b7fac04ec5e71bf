import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  /// Takes over a session that the handshake opened; packets that waited for it leave at once.
  public mutating func install(
    _ established: EstablishedSession, of index: PeerIndex, sendOn: Bool, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    guard var peer = peers[index] else { return }
    let previous = peer.sending.flatMap { sessions.place(of: $0) }
    let rate = previous.map { RateControl(continuing: sessions[$0].rate) } ?? self.rate
    var session = OutboundSession(established, of: index, rate: rate)
    session.keepOpen = peer.keepOpen
    session.keepalive = keepalive
    // Nothing to fall back on: the session that was to be kept has ended meanwhile.
    let sendOn = sendOn || previous == nil
    session.isSuperseded = !sendOn
    if let previous {
      session.lastData = sessions[previous].lastData
      sessions[previous].isSuperseded = sendOn
    }
    let place = sessions.insert(session, id: established.localID)
    touch(place)
    let before = peer.path?.current
    if sendOn {
      peer.toPeer.prepare()
      peer.fromPeer.prepare()
      peer.sending = established.localID
      if peer.path == nil {
        peer.path = PeerPath(
          established.endpoint, isChooser: address.value > peer.address.value,
          largestRecord: mtu.map { $0 + 1 + PeerPath.recordOverhead })
      }
      peer.path?.opened(at: established.endpoint, now: now)
      peer.isUnreachable = false
    }
    let waiting = sendOn ? peer.waiting : []
    if sendOn { peer.waiting.removeAll() }
    peers[index] = peer
    if let before, let current = peer.path?.current, current != before {
      noteMoved(index, at: now, into: &out)
      out.events.append(.moved(index, current))
    }
    if established.role == .initiator, established.localID.strand == 0 {
      // The first record confirms the session; its challenge also tells us how the peer sees us.
      challenge(on: established.localID, of: index, to: established.endpoint, at: now, into: &out)
    }
    sendWaiting(waiting, of: index, at: now, into: &out)
    queues.reconsider(at: now)
  }

  /// Ends a session; with `tell` the peer hears of it.
  public mutating func retire(
    _ id: SessionID, tell: Bool, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let place = sessions.place(of: id) else { return }
    let index = sessions[place].peer
    if tell, let endpoint = peers[index]?.path?.current {
      var frames: [UInt8] = []
      Frame.close(reason: 0).append(to: &frames)
      sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
    }
    forget(id, of: index)
  }

  /// Ends all sessions, telling each peer.
  public mutating func closeAll(at now: Timestamp, into out: inout TransmitOutput) {
    while sessions.count > 0 {
      retire(sessions.id(at: sessions.count - 1), tell: true, at: now, into: &out)
    }
  }

  mutating func forget(_ id: SessionID, of index: PeerIndex) {
    sessions.remove(id)
    guard peers[index]?.sending == id else { return }
    // The newest session that is left, if any, takes over.
    var newest: (at: Timestamp, id: SessionID)?
    for place in 0..<sessions.count where sessions[place].peer == index {
      let at = sessions[place].establishedAt
      if newest.map({ at > $0.at }) ?? true { newest = (at, sessions[place].localID) }
    }
    peers[index]?.sending = newest?.id
    guard let next = newest, let place = sessions.place(of: next.id) else { return }
    sessions[place].isSuperseded = false
    touch(place)
    queues.reconsider(at: sessions[place].establishedAt)
  }

  /// Removes a session and tells the node.
  mutating func end(_ place: Int, closedByPeer: Bool, into out: inout TransmitOutput) {
    let id = sessions.id(at: place)
    let index = sessions[place].peer
    forget(id, of: index)
    out.events.append(.ended(index, id, closedByPeer: closedByPeer))
  }

  /// The peer proved to be at `endpoint`, as another lane has found.
  public mutating func setEndpoint(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let path = peers[index]?.path, path.current != endpoint else { return }
    peers[index]?.path?.move(to: endpoint, at: now)
    noteMoved(index, at: now, into: &out)
    queues.reconsider(at: now)
    release(index, at: now, into: &out)
  }
}
