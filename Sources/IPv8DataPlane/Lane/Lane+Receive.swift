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
    switch DatagramKind(slab.contents(of: datagram.range)) {
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
    let overlap = run?.overlap ?? 0
    let joins = overlap > 0 && count > overlap
    let offset = joins ? (run?.end ?? apart) - overlap : apart
    if joins { arena.move(offset, overlap, to: 0) }
    var plaintext = arena[offset, count]
    let outcome = sessions[place].open(
      slab.contents(of: datagram.range), into: &plaintext, header: header, ecn: datagram.ecn,
      at: now)
    guard case .accepted(let first, let newest) = outcome else {
      if joins { arena.move(0, overlap, to: offset) }
      refuse(outcome, place, into: &out)
      return
    }
    let index = sessions[place].peer
    heard(index, datagram, newest: newest, on: id, at: now, into: &out)
    if first { out.events.append(.confirmed(index, id)) }
    if joins, join(offset, count, of: index, in: arena) {
      arena.move(0, overlap, to: offset)
      noteJoined(place, count, at: now)
    } else {
      if joins {
        arena.move(offset, count, to: apart)
        arena.move(0, overlap, to: offset)
      }
      finishRun(&arena, into: &out)
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
    _ offset: Int, _ count: Int, of index: PeerIndex, in arena: borrowing PacketArena
  ) -> Bool {
    let mark = arena.contents(offset, 1).bigEndian(UInt8.self, at: 0)
    guard mark == Frame.chunkMark else { return false }
    return run?.take(offset + 1, count - 1, of: index, in: arena) ?? false
  }

  private mutating func noteJoined(_ place: Int, _ count: Int, at now: Timestamp) {
    sessions[place].finishRecord()
    sessions[place].noteData(at: now)
    peers[sessions[place].peer]?.receivedBytes += UInt64(count - 1)
    touch(place)
  }

  /// Hands the run, if there is one, to the TUN.
  mutating func finishRun(_ arena: inout PacketArena, into out: inout LaneOutput) {
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

  mutating func heard(
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
}
