import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  /// When ``advance(to:into:)`` or ``drain(arena:at:into:)`` has something to do.
  public var nextDeadline: Timestamp { min(wakeAt, queues.departsAt, queues.sweepAt) }

  /// Notes that a session's deadlines may have come nearer.
  mutating func touch(_ place: Int) {
    scheduleWake(sessions[place].nextDeadline)
    scheduleWake(doubtDue(place))
  }

  mutating func scheduleWake(_ deadline: Timestamp?) {
    if let deadline { wakeAt = min(wakeAt, deadline) }
  }

  /// Sends what is due, ends what is over.
  public mutating func advance(to now: Timestamp, into out: inout TransmitOutput) {
    queues.sweep(at: now)
    guard wakeAt <= now else { return }
    wakeAt = .distantFuture
    expireUnknown(at: now, into: &out)
    queues.reconsider(at: now)
    // Backwards, because ending a session moves the last one into its place.
    for place in (0..<sessions.count).reversed() {
      advance(place, to: now, into: &out)
    }
    for place in 0..<sessions.count { touch(place) }
    for index in peers.indices { advance(index, to: now, into: &out) }
  }

  private mutating func advance(_ place: Int, to now: Timestamp, into out: inout TransmitOutput) {
    guard sessions[place].nextDeadline <= now else { return }
    let due = sessions[place].advance(to: now)
    let index = sessions[place].peer
    let id = sessions.id(at: place)
    if due.contains(.expired) {
      end(place, closedByPeer: false, into: &out)
      return
    }
    if due.contains(.record) {
      var frames: [UInt8] = []
      sessions[place].appendFeedback(to: &frames, at: now)
      sendRecord(frames, on: id, to: nil, at: now, into: &out)
    }
    if due.contains(.silent) || sessions[place].takeRekeyDue(at: now) {
      out.events.append(.rekeyDue(index))
    }
  }

  private mutating func advance(
    _ index: PeerIndex, to now: Timestamp, into out: inout TransmitOutput
  ) {
    guard peers[index]?.path != nil, let id = peers[index]?.sending,
      let place = sessions.place(of: id)
    else { return }
    if let repetition = peers[index]?.path?.advance(to: now) {
      sendChallenge(repetition.token, to: repetition.endpoint, on: id, at: now, into: &out)
    }
    let isInUse = now - sessions[place].lastData < Self.inUse
    for endpoint in peers[index]?.path?.upgradesDue(isInUse: isInUse, at: now) ?? [] {
      challenge(on: id, of: index, to: endpoint, at: now, into: &out)
    }
    if let due = doubtDue(place), due <= now { check(index, at: now, into: &out) }
    advancePathMTU(index, place, at: now, into: &out)
    scheduleWake(peers[index]?.path?.nextDeadline)
    scheduleWake(doubtDue(place))
  }
}
