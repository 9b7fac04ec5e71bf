import IPv8Crypto
import IPv8Wire
import P2TP

extension Lane {
  /// Opens the datagrams of `trains`, which the sockets gave into `slab`, into `arena`; segments of
  /// one flow that follow each other are joined there into one large packet.
  public mutating func receive(
    _ trains: [DatagramTrain], slab: inout PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    arena.reset()
    for train in trains {
      let step = train.segmentSize > 0 ? train.segmentSize : train.range.length
      var offset: Int32 = 0
      repeat {
        let length = min(step, train.range.length - offset)
        let range = PacketRange(
          slot: Int(train.range.slot), offset: Int(train.range.offset + offset),
          length: Int(length))
        let datagram = LaneOutput.Unclaimed(range: range, source: train.source, ecn: train.ecn)
        receive(datagram, slab: &slab, arena: &arena, at: now, into: &out)
        offset += step
      } while offset < train.range.length
    }
    finishRun(&arena, into: &out)
  }

  /// Opens one more datagram of the batch, which the node has found to belong to a session that it
  /// has just opened.
  public mutating func receiveClaimed(
    _ datagram: LaneOutput.Unclaimed, slab: inout PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    receive(datagram, slab: &slab, arena: &arena, at: now, into: &out)
    finishRun(&arena, into: &out)
  }

  private mutating func receive(
    _ datagram: LaneOutput.Unclaimed, slab: inout PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    let bytes = slab[datagram.range]
    switch DatagramKind(bytes.bytes) {
    case .record(let header, let id):
      guard let place = sessions.place(of: id) else {
        out.unclaimed.append(datagram)
        return
      }
      receiveRecord(datagram, header, id, place, slab: &slab, arena: &arena, at: now, into: &out)
    case .opening, .openedOptions: out.unclaimed.append(datagram)
    case .stun: counters.stun += 1
    case .malformed: counters.malformed += 1
    }
  }

  /// Opens a record where its payload would continue the run, if it does: what its mark and headers
  /// overwrite is kept aside and put back.
  private mutating func receiveRecord(
    _ datagram: LaneOutput.Unclaimed, _ header: P2TPHeader, _ id: SessionID, _ place: Int,
    slab: inout PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    let count = Int(datagram.range.length) - DatagramKind.recordPrefix - AEADSuite.tagByteCount
    let apart = freshOffset(in: arena)
    guard count >= 0 else {
      counters.malformed += 1
      return
    }
    guard arena.fits(count, at: apart) else {
      counters.oversized += 1
      return
    }
    let overlap = run.map(\.overlap) ?? 0
    let joins = overlap > 0 && count > overlap
    let offset = joins ? (run?.end ?? apart) - overlap : apart
    if joins { arena.move(offset, overlap, to: 0) }
    let sealed = slab[datagram.range]
    var plaintext = arena[offset, count]
    let outcome = sessions[place].open(
      sealed.bytes, into: &plaintext, header: header, ecn: datagram.ecn, at: now)
    guard case .accepted(let first, let newest) = outcome else {
      if joins { arena.move(0, overlap, to: offset) }
      refuse(outcome, place, into: &out)
      return
    }
    let index = sessions[place].peer
    heard(index, datagram, newest: newest, on: id, at: now, into: &out)
    if joins, join(offset, count, of: index, in: &arena) {
      arena.move(0, overlap, to: offset)
      noteJoined(place, count, at: now)
    } else {
      if joins {
        arena.move(offset, count, to: apart)
        arena.move(0, overlap, to: offset)
      }
      finishRun(&arena, into: &out)
      if first { out.events.append(.confirmed(index, id)) }
      readFrames(
        datagram, apart, count, on: id, of: index, arena: &arena, at: now, into: &out)
    }
  }

  private mutating func refuse(
    _ outcome: Session.OpenOutcome, _ place: Int, into out: inout LaneOutput
  ) {
    switch outcome {
    case .accepted: break
    case .replayed: counters.replayed += 1
    case .forged: counters.forged += 1
    case .expired:
      counters.expired += 1
      end(place, closedByPeer: false, into: &out)
    }
  }

  /// Where the next packet that stands apart begins: behind the run, with room for its headers.
  private func freshOffset(in arena: borrowing PacketArena) -> Int {
    let used = max(arena.cursor, run?.end ?? 0)
    return (used + 31) / 16 * 16
  }

  private mutating func join(
    _ offset: Int, _ count: Int, of index: PeerIndex, in arena: inout PacketArena
  ) -> Bool {
    guard arena[offset, 1].bigEndian(UInt8.self, at: 0) == Frame.chunkMark else { return false }
    return run?.take(offset + 1, count - 1, of: index, in: &arena) ?? false
  }

  private mutating func noteJoined(_ place: Int, _ count: Int, at now: Timestamp) {
    sessions[place].finishRecord()
    sessions[place].noteData(at: now)
    peers[sessions[place].peer]?.receivedBytes += UInt64(count - 1)
    touch(place)
  }

  /// Hands the run, if there is one, to the TUN.
  private mutating func finishRun(_ arena: inout PacketArena, into out: inout LaneOutput) {
    guard let finished = run else { return }
    run = nil
    arena.cursor = max(arena.cursor, finished.end)
    guard let peer = peers[finished.peer] else { return }
    if !finished.layout.isIPv6, let alias, let peerAlias = peer.alias {
      var packet = arena[finished.start, IPv4Header.minimumByteCount]
      packet.storeBigEndian(peerAlias.value, at: IPv4Header.sourceOffset)
      packet.storeBigEndian(alias.value, at: IPv4Header.destinationOffset)
    }
    out.packets.append(finished.finish(in: &arena))
  }

  private mutating func heard(
    _ index: PeerIndex, _ datagram: LaneOutput.Unclaimed, newest: Bool, on id: SessionID,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    peers[index]?.lastHeard = now
    let newest = newest && id == peers[index]?.sending
    let asks = peers[index]?.path?.heard(
      from: datagram.source, byteCount: Int(datagram.range.length), newest: newest, at: now,
      token: entropy.next())
    guard asks == true, let path = peers[index]?.path, let attempt = path.tentative else { return }
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

  /// Acts on the frames of an opened record, whose plaintext lies at `offset` of the arena.
  private mutating func readFrames(
    _ datagram: LaneOutput.Unclaimed, _ offset: Int, _ count: Int, on id: SessionID,
    of index: PeerIndex, arena: inout PacketArena, at now: Timestamp, into out: inout LaneOutput
  ) {
    let text = arena[offset, count]
    var reader = FrameReader(text.bytes)
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
    let packet = arena[start, count]
    guard let layout = TransportLayout(packet.bytes) else {
      counters.malformed += 1
      return
    }
    guard isOurs(packet.bytes, from: index) else {
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
