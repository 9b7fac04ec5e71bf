import IPv8Crypto
import IPv8Wire
import P2TP

extension Receiver {
  /// Opens the datagrams of `trains`, which the sockets gave into `slab`, into `arena`; segments of
  /// one flow that follow each other are joined there into one large packet.
  public mutating func receive(
    _ trains: ArraySlice<DatagramTrain>, slab: borrowing PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout ReceiveOutput
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
        let datagram = ReceiveOutput.Unclaimed(range: range, source: train.source, ecn: train.ecn)
        take(datagram, slab: slab, arena: &arena, at: now, into: &out)
        offset += step
      } while offset < train.range.length
    }
    finishRun(&arena, into: &out)
  }

  mutating func take(
    _ datagram: ReceiveOutput.Unclaimed, slab: borrowing PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout ReceiveOutput
  ) {
    switch DatagramKind(slab.contents(of: datagram.range)) {
    case .record(let header, let id):
      guard let place = sessions.recall(id) else {
        out.unclaimed.append(datagram)
        return
      }
      let hadNews = sessions[place].hasReception
      receiveRecord(datagram, header, place, slab: slab, arena: &arena, at: now, into: &out)
      note(place, hadNews: hadNews)
    case .opening, .openedOptions: out.unclaimed.append(datagram)
    case .relayed(let tag):
      takeRelayed(datagram, tag, slab: slab, arena: &arena, at: now, into: &out)
    case .stun: out.unclaimed.append(datagram)
    case .malformed:
      // What other protocols' clients ask a public host.
      if isPublic { out.unclaimed.append(datagram) } else { counters.malformed += 1 }
    }
  }

  /// Opens a record where its payload would continue the run, if it does: what its mark and headers
  /// overwrite is kept aside and put back.
  private mutating func receiveRecord(
    _ datagram: ReceiveOutput.Unclaimed, _ header: P2TPHeader, _ place: Int,
    slab: borrowing PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout ReceiveOutput
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
      slab.contents(of: datagram.range), into: &plaintext, header: header, from: datagram.source,
      ecn: datagram.ecn, at: now)
    guard case .accepted(let first, _) = outcome else {
      if joins { arena.move(0, overlap, to: offset) }
      refuse(outcome, place, into: &out)
      return
    }
    let index = sessions[place].peer
    if first { out.events.append(.confirmed(sessions.id(at: place))) }
    if joins, join(offset, count, of: index, in: arena) {
      arena.move(0, overlap, to: offset)
      sessions[place].finishRecord()
      sessions[place].noteData(count - 1, at: now)
    } else {
      if joins {
        arena.move(offset, count, to: apart)
        arena.move(0, overlap, to: offset)
      }
      finishRun(&arena, into: &out)
      readFrames(datagram, apart, count, on: place, arena: &arena, at: now, into: &out)
    }
  }

  private mutating func refuse(
    _ outcome: InboundSession.OpenOutcome, _ place: Int, into out: inout ReceiveOutput
  ) {
    switch outcome {
    case .accepted: break
    case .replayed: counters.replayed += 1
    case .forged: counters.forged += 1
    case .expired:
      counters.expired += 1
      out.events.append(.over(sessions.id(at: place), closedByPeer: false))
    }
  }

  /// Where the next packet that stands apart begins: behind the run, with room for its headers.
  func freshOffset(in arena: borrowing PacketArena) -> Int {
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

  /// Hands the run, if there is one, to the TUN.
  mutating func finishRun(_ arena: inout PacketArena, into out: inout ReceiveOutput) {
    guard let finished = run else { return }
    run = nil
    arena.cursor = max(arena.cursor, finished.end)
    if !finished.layout.isIPv6, let alias, let peerAlias = peers[finished.peer]?.alias {
      var packet = arena[finished.start, IPv4Header.minimumByteCount]
      packet.storeBigEndian(peerAlias.value, at: IPv4Header.sourceOffset)
      packet.storeBigEndian(alias.value, at: IPv4Header.destinationOffset)
    }
    out.packets.append(finished.finish(in: &arena))
  }
}
