import IPv8Wire
import P2TP

extension Node {
  /// When ``advance(to:into:)`` has something to do.
  public var nextDeadline: Timestamp { min(wakeAt, ownBinding.renewAt) }

  public mutating func advance(to now: Moment, into actions: inout [NodeAction]) {
    guard nextDeadline <= now.boot else { return }
    noticeSleep(at: now, into: &actions)
    if ownBinding.renewAt <= now.boot { signOwnBinding(at: now, into: &actions) }
    push(at: now, into: &actions)
    refreshRendezvous(at: now, into: &actions)
    expireRelays(at: now, into: &actions)
    wakeAt = min(min(pushAt, ownBinding.rendezvousAt), relayPairs.nextExpiry)
    for index in sortedPeers {
      guard let candidates = peers[index]?.callCandidates else { continue }
      associate(index, at: now, into: &actions) { association, host, opening in
        association.advance(
          to: now, candidates: candidates, host: &host, into: &opening)
      }
      advanceReach(index, to: now, into: &actions)
      advanceStream(index, to: now, into: &actions)
      if peers[index]?.association.isOpen == true { watchSleep(at: now.boot) }
      if let due = peers[index]?.refuseDue, due <= now.boot { refuse(index, into: &actions) }
    }
  }

  /// What happened to a live session in the data plane.
  public mutating func handle(
    _ event: SessionEvent, of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    noticeSleep(at: now, into: &actions)
    peers[index]?.usedAt = now.boot
    switch event {
    case .wanted:
      callUnlessOpen(index, at: now, into: &actions)
      if peers[index]?.reach.isLost == true { prepareSearch(index, at: now, into: &actions) }
    case .rekeyDue: call(index, at: now, into: &actions)
    case .ended(let id):
      associate(index, at: now, into: &actions) { association, _, _ in association.removed(id) }
      if peers[index]?.association.isOpen == false {
        closeWays(index, at: now, into: &actions)
        scheduleRendezvous(at: now.boot)
      }
      if peers[index]?.contact.keepOpen == true || hasJustWoken(at: now.boot) {
        callUnlessOpen(index, at: now, into: &actions)
      }
    case .moved(let endpoint):
      note(endpoint, of: index, at: now, into: &actions)
      follow(index, to: endpoint, at: now, into: &actions)
    case .proved(let endpoint, let roundTrip):
      proved(endpoint, roundTrip, of: index, at: now)
    case .lost: lose(index, at: now, into: &actions)
    case .observed(let endpoint):
      peers[index]?.observedUs = endpoint
      signOwnBindingIfChanged(at: now, into: &actions)
    }
  }
}

extension Node {
  /// Remembers where a session of the peer is; a carrier means nothing to a later process.
  mutating func note(
    _ endpoint: Endpoint, of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard !endpoint.isReserved, let permID = peers[index]?.contact.permID else { return }
    peers[index]?.contact.seen = endpoint
    forgetKnownEndpoints()
    guard peers[index]?.kind == .added else { return }
    actions.append(.store(.opened(permID, at: endpoint, now.wall)))
  }
}

/// What the data plane reports of live sessions.
public enum SessionEvent: Sendable, Equatable {
  /// A packet waits for a session.
  case wanted
  /// Fresh keys are due, or the peer fell silent.
  case rekeyDue
  case ended(SessionID)
  /// Datagrams to the peer go to another endpoint from now on, a proven one.
  case moved(Endpoint)
  /// The peer answered a probe there, in this time.
  case proved(Endpoint, Interval)
  /// Nothing is heard from the peer, whichever way it is asked.
  case lost
  /// The peer sees us at this endpoint.
  case observed(Endpoint)
}
