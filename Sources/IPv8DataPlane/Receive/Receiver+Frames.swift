import IPv8Crypto
import IPv8Wire
import P2TP

extension Receiver {
  /// Acts on the frames of an opened record, whose plaintext lies at `offset` of the arena.
  mutating func readFrames(
    _ datagram: ReceiveOutput.Unclaimed, _ offset: Int, _ count: Int, on place: Int,
    arena: inout PacketArena, at now: Timestamp, into out: inout ReceiveOutput
  ) {
    let id = sessions.id(at: place)
    var reader = FrameReader(arena.contents(offset, count))
    var challenge: UInt64?
    var last: Frame?
    loop: while true {
      let frame = reader.next()
      switch frame {
      case .packet, .chunk, .close, .fragment:
        last = frame
        break loop
      case .end: break loop
      case .feedback(let feedback): sessions[place].receive(feedback)
      case .challenge(let token): challenge = token
      case .response(let token, let observed):
        out.events.append(
          .answered(id, token: token, observed: observed, from: datagram.source, at: now))
      case .here: sessions[place].noteHere(at: now)
      case .control(let kind, let body):
        guard hears(body.count, of: sessions[place].peer, at: now) else { continue }
        let frame = ControlFrame(
          kind, body: arena.contents(offset, count).extracting(body).copyBytes())
        out.messages.append(
          ReceiveOutput.Message(peer: sessions[place].peer, frame: frame, source: datagram.source))
      case nil:
        counters.malformed += 1
        break loop
      }
    }
    // One answer to a record, however many challenges are in it, and never a longer one.
    if let challenge, count >= Frame.leastByteCount {
      out.events.append(.challenged(id, token: challenge, from: datagram.source))
    }
    sessions[place].finishRecord()
    switch last {
    case .packet(let range):
      sessions[place].noteData(range.count, at: now)
      deliver(
        offset + range.lowerBound, range.count, of: sessions[place].peer, arena: &arena, into: &out)
    case .chunk(let range):
      sessions[place].noteData(range.count, at: now)
      begin(offset + range.lowerBound, range.count, of: sessions[place].peer, arena: &arena)
    case .fragment(let header, let range):
      sessions[place].noteData(range.count, at: now)
      takeFragment(
        header, at: offset + range.lowerBound, range.count, of: sessions[place].peer, on: id,
        arena: &arena, at: now, into: &out)
    case .close: out.events.append(.over(id, closedByPeer: true))
    default: break
    }
  }

  /// Begins a run with a chunk that stands apart.
  mutating func begin(
    _ start: Int, _ count: Int, of index: PeerIndex, arena: inout PacketArena
  ) {
    guard let layout = TransportLayout(arena.contents(start, count)),
      let parsed = IPPacket(arena.contents(start, count))
    else {
      counters.malformed += 1
      return
    }
    guard admits(arena.contents(start, count), parsed, from: index) else { return }
    run = PacketRun(layout, at: start, count: count, of: index, in: &arena)
  }

  /// Checks an inner packet and passes it to the TUN.
  mutating func deliver(
    _ start: Int, _ count: Int, of index: PeerIndex, arena: inout PacketArena,
    into out: inout ReceiveOutput
  ) {
    var packet = arena[start, count]
    guard let parsed = IPPacket(packet.bytes) else {
      counters.malformed += 1
      return
    }
    guard admits(packet.bytes, parsed, from: index) else { return }
    if case .v4(let header) = parsed, let alias, let peer = peers[index],
      let peerAlias = peer.alias
    {
      AliasTranslation(source: (peer.wireAlias, peerAlias), destination: (wireAlias, alias))
        .apply(to: &packet, header)
    }
    arena.cursor = start + count
    var room = arena[start - OffloadHeader.byteCount, OffloadHeader.byteCount]
    OffloadHeader.plain.encode(into: &room)
    out.packets.append(arena.range(start, count))
  }

  /// Whether an inner packet may come in: its source is the address of the peer whose session it
  /// came in, its destination ours, and the peer's filter lets it pass. Counts it where not.
  private mutating func admits(
    _ packet: RawSpan, _ parsed: IPPacket, from index: PeerIndex
  ) -> Bool {
    guard let peer = peers[index] else { return false }
    let isOurs =
      switch parsed {
      case .v6(let header):
        header.source == peer.address.address && header.destination == address.address
      case .v4(let header):
        header.source == peer.wireAlias && header.destination == wireAlias && alias != nil
          && peer.alias != nil
      }
    guard isOurs else {
      counters.misaddressed += 1
      return false
    }
    guard peer.filter.admits(packet) else {
      if peer.isStranger { counters.stranger += 1 } else { counters.filtered += 1 }
      return false
    }
    return true
  }
}
