import IPv8Wire
import P2TP

extension Transmitter {
  /// Where a datagram leaves to: straight, or to a relay under a tag.
  struct Hop {
    let endpoint: Endpoint
    let tag: RelayTag?

    /// Bytes in front of the datagram.
    var prefixByteCount: Int { tag == nil ? 0 : DatagramKind.relayPrefix }
  }

  /// The next hop towards `endpoint`; nil where its relay is gone, or is itself behind a relay.
  @inline(__always)
  mutating func hop(to endpoint: Endpoint) -> Hop? {
    endpoint.isReserved ? carrierHop(to: endpoint) : Hop(endpoint: endpoint, tag: nil)
  }

  /// Changes nothing; mutating, so that no call copies the transmitter.
  @inline(never)
  private mutating func carrierHop(to endpoint: Endpoint) -> Hop? {
    guard case .relay(let relay, let tag) = endpoint.carrier else {
      return Hop(endpoint: endpoint, tag: nil)
    }
    guard let via = peers[relay]?.path?.current, PathClass(via) != .relay else { return nil }
    return Hop(endpoint: via, tag: tag)
  }

  /// Sends a complete datagram, wrapped if it goes by way of a relay.
  public mutating func send(
    _ datagram: [UInt8], to endpoint: Endpoint, into out: inout TransmitOutput
  ) {
    guard let hop = hop(to: endpoint) else { return }
    var bytes: [UInt8] = []
    if let tag = hop.tag { bytes.append(bigEndian: DatagramKind.relayWord(tag)) }
    out.records.append(
      TransmitOutput.ControlRecord(bytes: bytes + datagram, destination: hop.endpoint))
  }

  /// Sends a control frame on the open session of a peer; lost where there is none.
  public mutating func send(
    _ frame: ControlFrame, to index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let peer = peers[index], let id = peer.sending, let path = peer.path else { return }
    sendRecord(frame.bytes, on: id, to: path.current, at: now, into: &out)
  }

  /// Asks the peer for an answer from `endpoint`, where it may be;
  /// ``TransmitEvent/proved(_:_:roundTrip:)`` brings it.
  public mutating func probe(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let id = peers[index]?.sending else { return }
    challenge(on: id, of: index, to: endpoint, isProbe: true, at: now, into: &out)
  }

  /// There is no such way to the peer any more: another is looked for at once.
  public mutating func forgetWay(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let isCurrent = peers[index]?.path.map({ $0.current == endpoint }) else { return }
    peers[index]?.path?.forget(endpoint, at: now)
    if isCurrent { check(index, at: now, into: &out) }
  }

  /// Nothing is heard of the peer: looks for it by all proven ways, unless that is under way.
  public mutating func check(
    _ index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let id = peers[index]?.sending, let place = sessions.place(of: id) else { return }
    guard id.strand == 0 else {
      tellUnheard(index, place, at: now, into: &out)
      return
    }
    let smoothed = sessions[place].roundTrip.smoothed
    let unheardSince = sessions[place].unheardSince
    switch peers[index]?.path?.advanceDoubt(
      unheardSince: unheardSince, smoothed: smoothed, at: now)
    {
    case nil, .wait: break
    case .moved(let endpoint): chose(index, endpoint, at: now, into: &out)
    case .ask(let endpoints, let isLost):
      for endpoint in endpoints {
        challenge(on: id, of: index, to: endpoint, at: now, into: &out)
      }
      suspectPathMTU(index, place, at: now, into: &out)
      if isLost { out.events.append(.lost(index)) }
    }
    touch(place)
  }

  /// A further strand that carries little may hear nothing though all is well: the first lane looks,
  /// and what it finds is told to all.
  private mutating func tellUnheard(
    _ index: PeerIndex, _ place: Int, at now: Timestamp, into out: inout TransmitOutput
  ) {
    if now - sessions[place].lastData < Self.unheardInterval { out.events.append(.unheard(index)) }
    suspectPathMTU(index, place, at: now, into: &out)
    peers[index]?.unheardAt = now + Self.unheardInterval
    touch(place)
  }

  /// When the silence of a session's peer becomes a matter for ``check(_:at:into:)``.
  ///
  /// Changes nothing; mutating, so that no call copies the transmitter.
  mutating func doubtDue(_ place: Int) -> Timestamp? {
    let index = sessions[place].peer
    guard peers[index]?.sending == sessions[place].localID else { return nil }
    let due = peers[index]?.path?.doubtDue(
      unheardSince: sessions[place].unheardSince, smoothed: sessions[place].roundTrip.smoothed)
    guard let due, let told = peers[index]?.unheardAt else { return due }
    return max(due, told)
  }

  mutating func proved(
    _ question: Challenge, _ roundTrip: Interval, at now: Timestamp, into out: inout TransmitOutput
  ) {
    let index = question.peer
    let place = peers[index]?.sending.flatMap { sessions.place(of: $0) }
    let smoothed = place.flatMap { sessions[$0].roundTrip.smoothed }
    let endpoint = peers[index]?.path?.proved(
      question.endpoint, roundTrip: roundTrip, smoothed: smoothed, at: now)
    if question.isProbe {
      out.events.append(.proved(index, question.endpoint, roundTrip: roundTrip))
    }
    if let endpoint { chose(index, endpoint, at: now, into: &out) }
  }

  /// We moved, and say so, as the peer may not know that this way is open or that the old one is not.
  private mutating func chose(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout TransmitOutput
  ) {
    moved(index, endpoint, at: now, into: &out)
    guard let id = peers[index]?.sending else { return }
    challenge(on: id, of: index, to: endpoint, saysHere: true, at: now, into: &out)
  }

  /// Datagrams go to another endpoint from now on.
  mutating func moved(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout TransmitOutput
  ) {
    noteMoved(index, at: now, into: &out)
    out.events.append(.moved(index, endpoint))
    release(index, at: now, into: &out)
    queues.reconsider(at: now)
    scheduleWake(peers[index]?.path?.nextDeadline)
  }

  /// This host's network changed: paths to the same endpoints may be others.
  public mutating func forgetPaths(at now: Timestamp, into out: inout TransmitOutput) {
    for place in 0..<sessions.count {
      sessions[place].pathChanged(isRebinding: false, at: now)
      out.events.append(.pathChanged(sessions.id(at: place), at: now))
    }
    for index in peers.indices where peers[index]?.path?.forgetMTU() == true {
      guard let id = peers[index]?.sending, let place = sessions.place(of: id) else { continue }
      beginPathMTU(index, place, at: now, into: &out)
    }
    queues.reconsider(at: now)
  }

  /// The rate that one path bore says nothing of another; of a NAT's new port it does.
  mutating func noteMoved(
    _ index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let before = peers[index]?.path?.takeLeft(), let after = peers[index]?.path?.current,
      let id = peers[index]?.sending, let place = sessions.place(of: id)
    else { return }
    let isRebinding = !after.isReserved && before.address == after.address
    sessions[place].pathChanged(isRebinding: isRebinding, at: now)
    if !isRebinding { out.events.append(.pathChanged(id, at: now)) }
  }

  /// Sends what was held while the peer was lost, now that it is not.
  mutating func release(
    _ index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let peer = peers[index], peer.path?.isLost == false, !peer.waiting.isEmpty else { return }
    peers[index]?.waiting.removeAll()
    sendWaiting(peer.waiting, of: index, at: now, into: &out)
  }
}
