import IPv8Crypto
import IPv8Wire
import P2TP

extension Lane {
  /// Acts on the frames of an opened record, whose plaintext lies at `offset` of the arena.
  mutating func readFrames(
    _ datagram: LaneOutput.Unclaimed, _ offset: Int, _ count: Int, on id: SessionID,
    of index: PeerIndex, arena: inout PacketArena, at now: Timestamp, into out: inout LaneOutput
  ) {
    var reader = FrameReader(arena.contents(offset, count))
    var challenge: UInt64?
    var last: Frame?
    loop: while true {
      let frame = reader.next()
      switch frame {
      case .packet, .chunk, .close:
        last = frame
        break loop
      case .end: break loop
      case .feedback(let feedback):
        if let place = sessions.place(of: id) { sessions[place].receive(feedback) }
      case .challenge(let token): challenge = token
      case .response(let token, let observed):
        returned(token, observed, from: datagram.source, of: index, at: now, into: &out)
      case nil:
        counters.malformed += 1
        break loop
      }
    }
    // One answer to a record, however many challenges are in it: no amplification.
    if let challenge { respond(to: challenge, datagram, on: id, at: now, into: &out) }
    guard let place = sessions.place(of: id) else { return }
    sessions[place].finishRecord()
    defer { touchIfLive(id) }
    switch last {
    case .packet(let range):
      sessions[place].noteData(at: now)
      deliver(offset + range.lowerBound, range.count, of: index, arena: &arena, into: &out)
    case .chunk(let range):
      sessions[place].noteData(at: now)
      begin(offset + range.lowerBound, range.count, of: index, arena: &arena)
    case .close: end(place, closedByPeer: true, into: &out)
    default: break
    }
  }

  private mutating func touchIfLive(_ id: SessionID) {
    if let place = sessions.place(of: id) { touch(place) }
  }

  /// Begins a run with a chunk that stands apart.
  private mutating func begin(
    _ start: Int, _ count: Int, of index: PeerIndex, arena: inout PacketArena
  ) {
    guard let layout = TransportLayout(arena.contents(start, count)) else {
      counters.malformed += 1
      return
    }
    guard isOurs(arena.contents(start, count), from: index) else {
      counters.misaddressed += 1
      return
    }
    peers[index]?.receivedBytes += UInt64(count)
    run = PacketRun(layout, at: start, count: count, of: index, in: &arena)
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

  /// Checks an inner packet and passes it to the TUN.
  private mutating func deliver(
    _ start: Int, _ count: Int, of index: PeerIndex, arena: inout PacketArena,
    into out: inout LaneOutput
  ) {
    guard let peer = peers[index] else { return }
    var packet = arena[start, count]
    guard let parsed = IPPacket(packet.bytes) else {
      counters.malformed += 1
      return
    }
    guard isOurs(packet.bytes, from: index) else {
      counters.misaddressed += 1
      return
    }
    if case .v4(let header) = parsed, let alias, let peerAlias = peer.alias {
      AliasTranslation(source: (peer.wireAlias, peerAlias), destination: (wireAlias, alias))
        .apply(to: &packet, header)
    }
    peers[index]?.receivedBytes += UInt64(count)
    arena.cursor = start + count
    var room = arena[start - OffloadHeader.byteCount, OffloadHeader.byteCount]
    OffloadHeader.plain.encode(into: &room)
    out.packets.append(arena.range(start, count))
  }

  /// Whether an inner packet's source is the address of the peer whose session it came in, and its
  /// destination ours.
  private func isOurs(_ packet: RawSpan, from index: PeerIndex) -> Bool {
    guard let peer = peers[index] else { return false }
    return switch IPPacket(packet) {
    case .v6(let header):
      header.source == peer.address.address && header.destination == address.address
    case .v4(let header):
      header.source == peer.wireAlias && header.destination == wireAlias && alias != nil
        && peer.alias != nil
    case nil: false
    }
  }
}
