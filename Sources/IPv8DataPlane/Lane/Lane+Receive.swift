import IPv8Crypto
import IPv8Wire
import P2TP

extension Lane {
  /// Opens the datagrams of `trains`, which the sockets gave into `slab`, each in its place.
  public mutating func receive(
    _ trains: [DatagramTrain], slab: inout PacketSlab, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    for train in trains {
      let step = train.segmentSize > 0 ? train.segmentSize : train.range.length
      var offset: Int32 = 0
      repeat {
        let length = min(step, train.range.length - offset)
        let range = PacketRange(
          slot: Int(train.range.slot), offset: Int(train.range.offset + offset),
          length: Int(length))
        let datagram = LaneOutput.Unclaimed(range: range, source: train.source, ecn: train.ecn)
        receive(datagram, slab: &slab, at: now, into: &out)
        offset += step
      } while offset < train.range.length
    }
  }

  /// Opens one datagram; one that no session of the lane claims goes to the node.
  public mutating func receive(
    _ datagram: LaneOutput.Unclaimed, slab: inout PacketSlab, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    var bytes = slab[datagram.range]
    switch DatagramKind(bytes.bytes) {
    case .record(let header, let id):
      guard let place = sessions.place(of: id) else {
        out.unclaimed.append(datagram)
        return
      }
      switch sessions[place].open(&bytes, header: header, ecn: datagram.ecn, at: now) {
      case .accepted(let first, let newest):
        let index = sessions[place].peer
        if first { out.events.append(.confirmed(index, id)) }
        heard(index, datagram, newest: newest, on: id, at: now, into: &out)
        readFrames(datagram, on: id, of: index, slab: &slab, at: now, into: &out)
      case .replayed: counters.replayed += 1
      case .forged: counters.forged += 1
      case .expired:
        counters.expired += 1
        end(place, closedByPeer: false, into: &out)
      }
    case .opening, .openedOptions: out.unclaimed.append(datagram)
    case .stun: counters.stun += 1
    case .malformed: counters.malformed += 1
    }
  }

  private mutating func heard(
    _ index: PeerIndex, _ datagram: LaneOutput.Unclaimed, newest: Bool, on id: SessionID,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    guard var peer = peers[index], var path = peer.path else { return }
    let asks = path.heard(
      from: datagram.source, byteCount: Int(datagram.range.length),
      newest: newest && id == peer.sending, at: now, token: entropy.next())
    peer.path = path
    peer.lastHeard = now
    peers[index] = peer
    guard asks, let attempt = path.tentative else { return }
    sendChallenge(attempt.token, to: attempt.endpoint, on: id, at: now, into: &out)
    scheduleWake(path.nextDeadline)
  }

  private mutating func sendChallenge(
    _ token: UInt64, to endpoint: Endpoint, on id: SessionID, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    var frames: [UInt8] = []
    Frame.challenge(token).append(to: &frames)
    sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
  }

  /// Acts on the frames of an opened record.
  private mutating func readFrames(
    _ datagram: LaneOutput.Unclaimed, on id: SessionID, of index: PeerIndex,
    slab: inout PacketSlab, at now: Timestamp, into out: inout LaneOutput
  ) {
    let text = datagram.range.grown(
      front: -DatagramKind.recordPrefix, back: -AEADSuite.tagByteCount)
    let bytes = slab[text]
    var reader = FrameReader(bytes.bytes)
    var packet: Range<Int>?
    var challenge: UInt64?
    var closed = false
    loop: while true {
      switch reader.next() {
      case .end: break loop
      case .packet(let range):
        packet = range
        break loop
      case .feedback(let feedback):
        if let place = sessions.place(of: id) { sessions[place].receive(feedback) }
      case .challenge(let token): challenge = token
      case .response(let token, let observed):
        returned(token, observed, from: datagram.source, of: index, at: now, into: &out)
      case .close:
        closed = true
        break loop
      case nil:
        counters.malformed += 1
        break loop
      }
    }
    // One answer to a record, however many challenges are in it: no amplification.
    if let challenge { respond(to: challenge, datagram, on: id, at: now, into: &out) }
    guard let place = sessions.place(of: id) else { return }
    sessions[place].finishRecord()
    if packet != nil { sessions[place].noteData(at: now) }
    touch(place)
    if closed { end(place, closedByPeer: true, into: &out) }
    if let packet {
      let range = PacketRange(
        slot: Int(text.slot), offset: Int(text.offset) + packet.lowerBound, length: packet.count)
      deliver(range, of: index, slab: &slab, into: &out)
    }
  }

  private mutating func respond(
    to token: UInt64, _ datagram: LaneOutput.Unclaimed, on id: SessionID, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    var frames: [UInt8] = []
    Frame.response(token, observed: datagram.source).append(to: &frames)
    sendRecord(frames, on: id, to: datagram.source, at: now, into: &out)
  }

  private mutating func returned(
    _ token: UInt64, _ observed: Endpoint, from source: Endpoint, of index: PeerIndex,
    at now: Timestamp, into out: inout LaneOutput
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

  /// Checks an inner packet and passes it to the TUN: its source must be the address of the peer
  /// whose session it came in, its destination ours.
  private mutating func deliver(
    _ range: PacketRange, of index: PeerIndex, slab: inout PacketSlab, into out: inout LaneOutput
  ) {
    guard let peer = peers[index] else { return }
    var packet = slab[range]
    switch IPPacket(packet.bytes) {
    case .v6(let header)
    where header.source == peer.address.address && header.destination == address.address:
      break
    case .v4(let header)
    where header.source == peer.wireAlias && header.destination == wireAlias:
      guard let alias, let peerAlias = peer.alias else {
        counters.misaddressed += 1
        return
      }
      AliasTranslation(source: (peer.wireAlias, peerAlias), destination: (wireAlias, alias))
        .apply(to: &packet, header)
    case nil:
      counters.malformed += 1
      return
    default:
      counters.misaddressed += 1
      return
    }
    peers[index]?.receivedBytes += UInt64(range.length)
    clearOffloadHeader(before: range, slab: &slab)
    out.packets.append(range)
  }

  /// Zeroes the ten bytes that a TUN with offload headers expects before a packet: "nothing to do".
  /// They belonged to the record's own header and session id.
  private func clearOffloadHeader(before range: PacketRange, slab: inout PacketSlab) {
    var header = slab[
      PacketRange(slot: Int(range.slot), offset: Int(range.offset) - 10, length: 10)]
    header.storeBigEndian(UInt64(0), at: 0)
    header.storeBigEndian(UInt16(0), at: 8)
  }
}
