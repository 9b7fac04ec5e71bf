import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  /// Seals the plaintext in `range` as one record, or puts it into the queue of its peer where it may
  /// not leave yet; false where the session or the memory is at its end.
  @discardableResult
  mutating func pass(
    _ range: PacketRange, isChunk: Bool = false, on place: Int, of index: PeerIndex,
    slab: inout PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout TransmitOutput
  ) -> Bool {
    let departure = departure(of: Int(range.length), on: place, of: index, at: now)
    guard departure > now else {
      return seal(range, on: place, of: index, slab: slab, arena: &arena, at: now, into: &out)
    }
    let isFirst = !queues.holds(index)
    let dropped = queues.append(
      slab.contents(of: range), isChunk: isChunk, of: index, at: now)
    counters.overflow += UInt64(dropped)
    guard isFirst else { return true }
    sessions[place].noteBacklog(true)
    queues.departsAt = min(queues.departsAt, departure)
    return true
  }

  /// When a plaintext of `byteCount` may leave; `.distantFuture` where others wait before it.
  private mutating func departure(
    of byteCount: Int, on place: Int, of index: PeerIndex, at now: Timestamp
  ) -> Timestamp {
    queues.holds(index)
      ? .distantFuture : sessions[place].departure(of: Self.recordCount(byteCount), at: now)
  }

  /// Bytes of the record of a plaintext.
  static func recordCount(_ plaintext: Int) -> Int {
    plaintext + DatagramKind.recordPrefix + AEADSuite.tagByteCount
  }

  private mutating func seal(
    _ range: PacketRange, on place: Int, of index: PeerIndex, slab: borrowing PacketSlab,
    arena: inout PacketArena, at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    let text = slab.contents(of: range)
    guard text.byteCount <= peers[index]?.path?.plaintextLimit ?? 0 else {
      return sealLong(text, on: place, of: index, arena: &arena, at: now, into: &out)
    }
    return sealRecord(text, on: place, of: index, arena: &arena, at: now, into: &out)
  }

  /// Seals a plaintext that the way to the peer takes.
  mutating func sealRecord(
    _ text: RawSpan, on place: Int, of index: PeerIndex, arena: inout PacketArena,
    at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    let count = Self.recordCount(text.byteCount)
    guard let hop = nextHop(count, of: index, in: arena) else { return false }
    var datagram = arena[arena.cursor + hop.prefixByteCount, count]
    let outcome = sessions[place].seal(text, into: &datagram, isData: true, at: now)
    return finish(
      outcome, count, by: hop, on: place, of: index, arena: &arena, at: now, into: &out)
  }

  /// Seals a packet out of the queue, which it leaves in any case; false as above.
  mutating func sealQueued(
    _ packet: Int32, on place: Int, of index: PeerIndex, arena: inout PacketArena,
    at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    let length = queues.length(packet)
    guard length <= peers[index]?.path?.plaintextLimit ?? 0 else {
      let text = queues.bytes(packet)
      queues.free(packet)
      return sealLong(text.rawSpan, on: place, of: index, arena: &arena, at: now, into: &out)
    }
    let count = Self.recordCount(length)
    guard let hop = nextHop(count, of: index, in: arena) else {
      queues.free(packet)
      return false
    }
    var datagram = arena[arena.cursor + hop.prefixByteCount, count]
    queues.copy(packet, into: &datagram, at: DatagramKind.recordPrefix)
    queues.free(packet)
    let outcome = sessions[place].seal(&datagram, isData: true, at: now)
    return finish(
      outcome, count, by: hop, on: place, of: index, arena: &arena, at: now, into: &out)
  }

  /// Where a record of `count` bytes goes; nil where there is no way, or no room in the arena.
  private mutating func nextHop(
    _ count: Int, of index: PeerIndex, in arena: borrowing PacketArena
  ) -> Hop? {
    guard let endpoint = peers[index]?.path?.destination(for: count), let hop = hop(to: endpoint)
    else {
      counters.queue += 1
      return nil
    }
    guard arena.fits(hop.prefixByteCount + count, at: arena.cursor) else {
      counters.oversized += 1
      return nil
    }
    return hop
  }

  private mutating func finish(
    _ outcome: OutboundSession.SealOutcome, _ count: Int, by hop: Hop, on place: Int,
    of index: PeerIndex, arena: inout PacketArena, at now: Timestamp,
    into out: inout TransmitOutput
  ) -> Bool {
    guard outcome == .sealed else {
      counters.expired += 1
      end(place, closedByPeer: false, into: &out)
      out.events.append(.wanted(index))
      return false
    }
    let prefix = hop.prefixByteCount
    if let tag = hop.tag {
      var room = arena[arena.cursor, prefix]
      room.storeBigEndian(DatagramKind.relayWord(tag), at: 0)
    }
    out.datagrams.append(
      OutgoingDatagram(
        range: arena.range(arena.cursor, prefix + count), destination: hop.endpoint,
        ecn: sessions[place].ecn))
    arena.cursor += prefix + count
    peers[index]?.toPeer.note(bytes: UInt64(count - Self.recordCount(0)), at: now)
    return true
  }

  /// Sends packets that waited, on the session that is open now; behind those in the queue, if any.
  mutating func sendWaiting(
    _ waiting: [(packet: [UInt8], until: Timestamp)], of index: PeerIndex, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    guard let id = peers[index]?.sending, let place = sessions.place(of: id) else { return }
    for item in waiting where now <= item.until {
      if queues.holds(index) {
        let dropped = queues.append(item.packet.rawSpan, isChunk: false, of: index, at: now)
        counters.overflow += UInt64(dropped)
        continue
      }
      peers[index]?.toPeer.note(bytes: UInt64(item.packet.count), at: now)
      for text in plaintexts(of: item.packet, on: place, to: index, at: now, into: &out) {
        guard let record = seal(text, on: id, isData: true, at: now),
          let destination = peers[index]?.path?.destination(for: record.count)
        else { return }
        send(record, to: destination, into: &out)
      }
    }
  }

  /// Sends a record of `frames` without data to `endpoint`, unless that is more than an unproven
  /// endpoint may get; nil for where the peer's datagrams go.
  mutating func sendRecord(
    _ frames: [UInt8], on id: SessionID, to endpoint: Endpoint?, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    guard let place = sessions.place(of: id) else { return }
    let index = sessions[place].peer
    var padded = frames
    Frame.pad(&padded)
    let byteCount = Self.recordCount(padded.count)
    let destination: Endpoint
    if let endpoint {
      guard peers[index]?.path?.admits(byteCount, to: endpoint) ?? true else { return }
      destination = endpoint
    } else {
      guard let chosen = peers[index]?.path?.destination(for: byteCount) else { return }
      destination = chosen
    }
    guard let bytes = seal(padded, on: id, isData: false, at: now) else { return }
    send(bytes, to: destination, into: &out)
  }

  private mutating func seal(
    _ plaintext: [UInt8], on id: SessionID, isData: Bool, at now: Timestamp
  ) -> [UInt8]? {
    guard let place = sessions.place(of: id) else { return nil }
    var datagram = [UInt8](repeating: 0, count: DatagramKind.recordPrefix)
    datagram += plaintext
    datagram += [UInt8](repeating: 0, count: AEADSuite.tagByteCount)
    let outcome = datagram.withMutableRawSpan { span in
      sessions[place].seal(&span, isData: isData, at: now)
    }
    touch(place)
    return outcome == .sealed ? datagram : nil
  }
}
