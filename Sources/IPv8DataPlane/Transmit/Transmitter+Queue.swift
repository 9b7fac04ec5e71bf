import IPv8Wire
import P2TP

extension Transmitter {
  /// Bytes of records to one peer before the next one's turn: as many as one UDP send takes.
  static let turnByteCount = 64_000

  /// Says what class a flow with a peer has, or without one what neither is a declared flow nor bears a
  /// mark; nil takes that back. It ends with the contact.
  public mutating func declare(_ kind: TrafficClass?, for flow: DeclaredFlow?, of index: PeerIndex)
  {
    guard peers[index] != nil else { return }
    queues.declare(kind, for: flow, of: index)
  }

  /// Seals packets out of the queues into what is left of `arena`, as far as their sessions' rates let them.
  ///
  /// - Returns: whether more may leave at once: the owner sends these and calls again with an empty arena.
  public mutating func drain(
    arena: inout PacketArena, at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    guard queues.departsAt <= now else { return false }
    queues.departsAt = .distantFuture
    var departsAt = Timestamp.distantFuture
    let first = arena.cursor
    let count = queues.listed.count
    var next = 0
    for number in 0..<count {
      let before = arena.cursor
      let departure = drain(queues.peer(number), arena: &arena, at: now, into: &out)
      departsAt = min(departsAt, departure)
      // Who found no room is the first the next time.
      if departure <= now, arena.cursor == before {
        next = number
        break
      }
    }
    queues.finishTurns(next: next)
    queues.departsAt = min(queues.departsAt, departsAt)
    return queues.departsAt <= now && arena.cursor > first
  }

  /// One peer's turn; when its next packet may leave, `.distantFuture` where that depends on news.
  private mutating func drain(
    _ index: PeerIndex, arena: inout PacketArena, at now: Timestamp,
    into out: inout TransmitOutput
  ) -> Timestamp {
    guard let id = peers[index]?.sending, let place = sessions.recall(id),
      peers[index]?.path?.isLost == false
    else { return .distantFuture }
    let departure = drain(index, on: place, id, arena: &arena, at: now, into: &out)
    guard sessions.holds(id, at: place) else { return .distantFuture }
    sessions[place].noteBacklog(queues.holds(index))
    if sessions[place].takeRekeyDue(at: now) { out.events.append(.rekeyDue(index)) }
    touch(place)
    return departure
  }

  private mutating func drain(
    _ index: PeerIndex, on place: Int, _ id: SessionID, arena: inout PacketArena,
    at now: Timestamp, into out: inout TransmitOutput
  ) -> Timestamp {
    let end = arena.cursor + Self.turnByteCount
    queues.excuse(index, until: sessions[place].queueExcusedUntil())
    while let (length, largest) = queues.next(of: index) {
      let departure = sessions[place].departure(of: Self.recordCount(length), at: now)
      guard departure <= now else { return departure }
      // CoDel may put another packet in its place.
      let room = DatagramKind.relayPrefix + Self.recordCount(largest)
      let isEmpty = arena.cursor == PacketArena.scratch
      guard isEmpty || arena.cursor < end && arena.fits(room, at: arena.cursor) else { return now }
      guard let packet = queues.take(of: index, counters: &counters, at: now) else { break }
      let isSealed = sealQueued(packet, on: place, of: index, arena: &arena, at: now, into: &out)
      if !isSealed, !sessions.holds(id, at: place) { break }
    }
    return .distantFuture
  }
}
