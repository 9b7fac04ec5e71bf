import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// What follows when the way to a peer changes.
extension Node {
  /// The session's datagrams go to `endpoint` from now on.
  mutating func follow(
    _ index: PeerIndex, to endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let before = peers[index]?.reach else { return }
    peers[index]?.reach.path = endpoint
    peers[index]?.reach.isLost = false
    peers[index]?.reach.checkAt = .distantFuture
    peers[index]?.reach.askingSince = nil
    guard before.path != endpoint || before.isLost else { return }
    let path = PathEvent.path(kind(of: endpoint))
    peers[index]?.reach.journal.note(path, at: now)
    leaveSocket(index, into: &actions)
    if case .relay(let relay, _) = before.path?.carrier, before.path != endpoint {
      // Traffic left a relay: it may be gone, and is asked.
      check(relay, at: now, into: &actions)
    }
    moveRelays(of: index, to: endpoint, into: &actions)
    moveWays(by: index, to: endpoint, at: now, into: &actions)
    for end in before.relays where before.path == nil && end.endpoint != endpoint {
      // The data plane falls back on what it has proved.
      actions.append(.probe(index, end.endpoint))
    }
    advanceStream(index, to: now, into: &actions)
    if peers[index]?.reach.isDirect == true {
      becomeDirect(index, into: &actions)
    } else if before.isDirect || before.path == nil {
      peers[index]?.reach.upgradeCount = 0
      peers[index]?.reach.scheduleUpgrade(at: now.boot)
      if before.isDirect { bringUpgradeForward(index, to: now.boot + Self.settling) }
      wakeAt = min(wakeAt, peers[index]?.reach.nextDeadline ?? .distantFuture)
    }
  }

  private mutating func becomeDirect(_ index: PeerIndex, into actions: inout [NodeAction]) {
    endPunch(index, into: &actions)
    if let permID = peers[index]?.contact.permID { budget.succeeded(permID) }
    peers[index]?.reach.search = nil
    peers[index]?.reach.searchAt = .distantFuture
    peers[index]?.reach.upgradeAt = .distantFuture
    peers[index]?.reach.upgradeCount = 0
  }

  /// An open peer answers soon, or is lost.
  mutating func check(_ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]) {
    guard peers[index]?.association.isOpen == true, let path = peers[index]?.reach.path else {
      return
    }
    actions.append(.probe(index, path))
    peers[index]?.reach.checkAt = now.boot + Self.answerTime
    wakeAt = min(wakeAt, now.boot + Self.answerTime)
  }

  /// Nothing that we send is answered: the mutual peers may know where the peer is, and what it
  /// relayed needs another relay.
  mutating func lose(_ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]) {
    peers[index]?.reach.checkAt = .distantFuture
    guard peers[index]?.association.isOpen == true else { return }
    if peers[index]?.reach.isLost == false {
      peers[index]?.reach.isLost = true
      peers[index]?.reach.journal.note(.lost, at: now)
      endWays(of: index, at: now, into: &actions)
    }
    prepareSearch(index, at: now, into: &actions)
    advanceStream(index, to: now, into: &actions)
  }

  /// An answer came from `endpoint`.
  mutating func proved(
    _ endpoint: Endpoint, _ roundTrip: Interval, of index: PeerIndex, at now: Moment
  ) {
    if endpoint == peers[index]?.reach.path { peers[index]?.reach.roundTrip = roundTrip }
    peers[index]?.reach.isLost = false
    peers[index]?.reach.checkAt = .distantFuture
  }

  /// Closes the extra socket that traffic took, if it takes it no more.
  private mutating func leaveSocket(_ index: PeerIndex, into actions: inout [NodeAction]) {
    guard let reach = peers[index]?.reach, let number = reach.socket,
      reach.path != Endpoint(.socket(number))
    else { return }
    peers[index]?.reach.socket = nil
    actions.append(.closeSocket(number))
  }

  /// No session is left.
  mutating func closeWays(_ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]) {
    guard let before = peers[index]?.reach, before.path != nil else { return }
    peers[index]?.reach.path = nil
    leaveSocket(index, into: &actions)
    peers[index]?.reach.roundTrip = nil
    peers[index]?.reach.isLost = false
    peers[index]?.reach.checkAt = .distantFuture
    peers[index]?.reach.upgradeAt = .distantFuture
    peers[index]?.reach.journal.note(.closed, at: now)
    endWays(of: index, at: now, into: &actions)
    endRelays(relayPairs.removeAll(of: index), besides: index, into: &actions)
    pendingIntroductions.forget(index)
  }

  mutating func bringUpgradeForward(_ index: PeerIndex, to time: Timestamp) {
    guard let at = peers[index]?.reach.upgradeAt, time < at else { return }
    peers[index]?.reach.upgradeAt = time
    wakeAt = min(wakeAt, time)
  }

  func kind(of endpoint: Endpoint) -> PathKind {
    switch endpoint.carrier {
    case nil, .socket: .direct(endpoint)
    case .relay(let relay, _):
      peers[relay].map { .relay($0.contact.permID) } ?? .direct(endpoint)
    case .stream: .stream
    }
  }

  mutating func advanceReach(
    _ index: PeerIndex, to now: Moment, into actions: inout [NodeAction]
  ) {
    guard let reach = peers[index]?.reach else { return }
    if reach.punch.map({ $0.nextDeadline <= now.boot }) == true {
      advancePunch(index, to: now, into: &actions)
    }
    if reach.searchAt <= now.boot {
      peers[index]?.reach.searchAt = .distantFuture
      if wantsSession(index) {
        beginSearch(index, isSinglePass: false, at: now, into: &actions)
      }
    } else if reach.search.map({ $0.nextAt <= now.boot }) == true {
      continueSearch(index, at: now, into: &actions)
    }
    if reach.checkAt <= now.boot { lose(index, at: now, into: &actions) }
    if reach.upgradeAt <= now.boot { upgrade(index, at: now, into: &actions) }
    if let since = reach.askingSince, now.boot - since >= Self.askingPatience {
      peers[index]?.reach.askingSince = nil
    }
    wakeAt = min(wakeAt, peers[index]?.reach.nextDeadline ?? .distantFuture)
  }

  /// A new introduction for the sake of a direct path; it renews the relays, too.
  private mutating func upgrade(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    peers[index]?.reach.upgradeAt = .distantFuture
    guard let peer = peers[index], peer.association.isOpen, !peer.reach.isDirect else { return }
    peers[index]?.reach.scheduleUpgrade(at: now.boot)
    if peer.reach.search == nil {
      beginSearch(index, isSinglePass: true, at: now, into: &actions)
    }
  }
}
