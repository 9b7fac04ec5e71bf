import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// Mobility (docs/protocol/introductions.md, "Moving").
///
/// Rules:
/// - after a change of this host's network every open peer hears our new binding, at most once a second;
/// - who does not answer within 700 ms then is sought by mutual peers, as it may have moved, too;
/// - peers that are reached by relays get a new attempt at a direct path, and those that are sought are
///   sought anew at once: what failed before says nothing;
/// - a deadline that passed long ago means that the host slept: that is a change of network, and sessions
///   that ended meanwhile are opened anew, because their peers cannot know when to.
extension Node {
  /// Between two pushes of our binding.
  static let pushInterval = Interval.seconds(1)
  /// A deadline missed by this much was slept through.
  static let sleepThreshold = Interval.seconds(10)
  /// While a session is open there is a deadline at least so often, so that no long sleep is missed.
  static let watchInterval = Interval.seconds(60)
  /// What ends so soon after waking ended in sleep.
  static let wakingTime = Interval.seconds(3)
  /// After a change, how long an open peer may take to answer before it is sought.
  static let answerTime = Interval.milliseconds(700)
  /// After a change, or a direct path's end, before the next attempt at direct paths: new addresses become
  /// known first.
  static let settling = Interval.milliseconds(500)

  var ownNAT: NATSummary {
    var summary = ownBinding.network.summary
    summary.refusesGuessing = !guessesPorts
    return summary
  }

  /// Where peers may reach us: what a check of the network told, our interfaces, and what peers see.
  var ownCandidates: CandidateSet {
    let signed = Set(ownBinding.signed?.endpoints ?? [])
    var candidates = ownBinding.network.candidates(signed: signed).candidates
    for local in [ownBinding.local4, ownBinding.local6].compactMap({ $0 }) {
      let kind = local.address.reach == .global ? Candidate.Kind.host : .lan
      candidates.append(Candidate(local, kind, isSigned: signed.contains(local)))
    }
    let sightings = peers.values.filter(\.kind.isTrusted).compactMap(\.observedUs)
    for seen in Set(sightings).sorted(by: {
      $0.description < $1.description
    }) {
      candidates.append(Candidate(seen, .reflexive, isSigned: signed.contains(seen)))
    }
    return CandidateSet(candidates)
  }

  /// This host's addresses or routes changed, or it woke up.
  public mutating func networkChanged(at now: Moment, into actions: inout [NodeAction]) {
    if pushedAt < now.boot {
      pushAt = now.boot
      push(at: now, into: &actions)
    }
    for index in sortedPeers where peers[index]?.reach.path != nil || wantsSession(index) {
      peers[index]?.reach.journal.note(.ownNetworkChanged, at: now)
      check(index, at: now, into: &actions)
    }
    for index in sortedPeers { endPunch(index, into: &actions) }
    retryPaths(at: now, into: &actions)
  }

  // MARK: Sleep

  /// Has a deadline come by which the next sleep is noticed.
  mutating func watchSleep(at now: Timestamp) { wakeAt = min(wakeAt, now + Self.watchInterval) }

  mutating func noticeSleep(at now: Moment, into actions: inout [NodeAction]) {
    guard now.boot - nextDeadline >= Self.sleepThreshold, !hasJustWoken(at: now.boot) else {
      return
    }
    wokeAt = now.boot
    networkChanged(at: now, into: &actions)
  }

  func hasJustWoken(at now: Timestamp) -> Bool {
    wokeAt.map { now - $0 < Self.wakingTime } ?? false
  }

  /// Looks for direct paths anew, but lets an attempt under way come to its end: the peer takes part in it.
  mutating func retryPaths(at now: Moment, into actions: inout [NodeAction]) {
    budget.networkChanged()
    let settled = now.boot + Self.settling
    for index in sortedPeers {
      peers[index]?.reach.upgradeCount = 0
      if wantsSession(index) {
        peers[index]?.reach.search = nil
        prepareSearch(index, at: now, into: &actions)
      } else if peers[index]?.association.isOpen == true, peers[index]?.reach.isDirect == false {
        bringUpgradeForward(index, to: max(settled, peers[index]?.reach.punch?.end ?? settled))
      }
    }
  }

  // MARK: Bindings

  mutating func push(at now: Moment, into actions: inout [NodeAction]) {
    guard pushAt <= now.boot, let binding = host.binding else { return }
    pushAt = .distantFuture
    pushedAt = now.boot
    for index in sortedPeers where peers[index]?.association.isOpen == true {
      say(ControlFrame(.binding, body: binding), to: index, into: &actions)
    }
  }

  /// Our binding says something new.
  mutating func schedulePush(at now: Moment, into actions: inout [NodeAction]) {
    pushAt = min(pushAt, max(now.boot, pushedAt + Self.pushInterval))
    wakeAt = min(wakeAt, pushAt)
    push(at: now, into: &actions)
  }

  mutating func receiveBinding(
    _ bytes: [UInt8], of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard peers[index]?.bindings.take(at: now.boot) == true else {
      counters.recordRate += 1
      return
    }
    let before = peers[index]?.contact.signed
    take(bytes, of: index, at: now, into: &actions)
    if peers[index]?.contact.signed != before { noticeMove(of: index, at: now) }
  }

  /// A peer is elsewhere by its own word: what failed before says nothing.
  mutating func noticeMove(of index: PeerIndex, at now: Moment) {
    peers[index]?.reach.journal.note(.peerNetworkChanged, at: now)
    peers[index]?.reach.upgradeCount = 0
    bringUpgradeForward(index, to: now.boot + Self.settling)
  }
}
