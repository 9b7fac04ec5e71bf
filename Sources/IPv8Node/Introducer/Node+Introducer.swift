import IPv8Crypto
import IPv8Wire
import P2TP

/// The introducer's part (docs/protocol/introductions.md).
///
/// Rules:
/// - only contacts with open sessions are introduced to each other, so that nobody else is ever sent
///   anything;
/// - a caller has six calls a minute, thirty at once; all strangers together have as many;
/// - the policy says for whom datagrams are relayed, and strangers are none of them;
/// - it never reads what is sealed.
extension Node {
  mutating func handOn(
    _ call: IntroductionCall, of caller: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    if call.flags.contains(.answer) {
      handBack(call, of: caller, at: now, into: &actions)
      return
    }
    guard let callee = addresses[call.destination], callee != caller,
      peers[callee]?.association.isOpen == true
    else {
      refuse(call.id, .unknown, to: caller, into: &actions)
      return
    }
    let isStranger = peers[caller]?.kind == .stranger
    guard peers[caller]?.reach.callAllowance.take(at: now.boot) == true,
      !isStranger || strangerCalls.take(at: now.boot),
      pendingIntroductions.add(call.id, from: caller, to: callee, at: now.boot)
    else {
      counters.introductionQuota += 1
      refuse(call.id, .busy, to: caller, into: &actions)
      return
    }
    let offer = call.flags.contains(.relay) ? relayOffer(caller, callee, at: now) : nil
    tell(callee, call, from: caller, offer, into: &actions)
  }

  /// The callee's answer goes to whom it answers, and what both want relayed is relayed.
  private mutating func handBack(
    _ call: IntroductionCall, of callee: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let caller = pendingIntroductions.take(call.id, answeredBy: callee, at: now.boot),
      addresses[call.destination] == caller, peers[caller]?.association.isOpen == true
    else {
      counters.badIntroduction += 1
      return
    }
    counters.introduced += 1
    let isRelaying =
      call.flags.contains(.relay) && activateRelay(caller, callee, into: &actions)
    tell(callee: caller, call, from: callee, isRelaying, into: &actions)
  }

  private mutating func tell(
    callee: PeerIndex, _ call: IntroductionCall, from caller: PeerIndex, _ isRelaying: Bool,
    into actions: inout [NodeAction]
  ) {
    tell(callee, call, from: caller, isRelaying ? relayPairs[caller, callee] : nil, into: &actions)
  }

  private mutating func tell(
    _ callee: PeerIndex, _ call: IntroductionCall, from caller: PeerIndex, _ pair: RelayPair?,
    into actions: inout [NodeAction]
  ) {
    guard let source = peers[caller]?.contact.permID else { return }
    let called = IntroductionCalled(
      id: call.id, flags: call.flags, source: source,
      relay: pair.map {
        IntroductionCalled.Relay(
          tag: $0.end(of: callee).tag, bytesPerSecond: RelayPairs.bytesPerSecond)
      }, sealed: call.sealed)
    say(ControlFrame(.called, body: called.body), to: callee, into: &actions)
  }

  /// A callee that wants no introduction.
  mutating func passRefusal(
    _ refusal: IntroductionRefused, of callee: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    let caller = pendingIntroductions.take(refusal.id, answeredBy: callee, at: now.boot)
    if let caller { refuse(refusal.id, refusal.reason, to: caller, into: &actions) }
  }

  // MARK: Relays

  /// Nil where none is offered: by policy, for want of room, or because an end is itself relayed.
  private mutating func relayOffer(
    _ caller: PeerIndex, _ callee: PeerIndex, at now: Moment
  ) -> RelayPair? {
    guard relays(for: caller), relays(for: callee), relayEndpoint(caller) != nil,
      relayEndpoint(callee) != nil
    else { return nil }
    let pair = relayPairs.renew(caller, callee, at: now.boot) { host.entropy.next() }
    wakeAt = min(wakeAt, relayPairs.nextExpiry)
    return pair
  }

  private func relays(for index: PeerIndex) -> Bool {
    guard let kind = peers[index]?.kind else { return false }
    return switch relayPolicy {
    case .off: false
    case .friends: kind == .added
    case .trusted: kind.isTrusted
    }
  }

  /// Where a peer's relayed datagrams come from and go to.
  private func relayEndpoint(_ index: PeerIndex) -> Endpoint? {
    guard let path = peers[index]?.reach.path else { return nil }
    if case .relay = path.carrier { return nil }
    return path
  }

  private mutating func activateRelay(
    _ a: PeerIndex, _ b: PeerIndex, into actions: inout [NodeAction]
  ) -> Bool {
    guard let first = relayEndpoint(a), let second = relayEndpoint(b),
      let change = relayPairs.activate(a, at: first, b, at: second)
    else { return false }
    replaceLinks(of: change.before, by: change.after, into: &actions)
    return true
  }

  private mutating func replaceLinks(
    of before: RelayPair, by after: RelayPair, into actions: inout [NodeAction]
  ) {
    let links = after.links
    let keys = Set(links.map(\.key))
    for link in before.links where !keys.contains(link.key) {
      actions.append(.removeRelay(link.key))
    }
    for link in links { actions.append(.setRelay(link)) }
  }

  /// The pairs of a peer that moved go on from where it is now.
  mutating func moveRelays(
    of index: PeerIndex, to endpoint: Endpoint, into actions: inout [NodeAction]
  ) {
    if case .relay = endpoint.carrier {
      // What would go to it by way of another relay is not passed on.
      endRelays(relayPairs.removeAll(of: index), into: &actions)
      return
    }
    for change in relayPairs.move(index, to: endpoint) {
      replaceLinks(of: change.before, by: change.after, into: &actions)
    }
  }

  /// - Parameter gone: whom there is nothing to tell any more.
  mutating func endRelays(
    _ pairs: [RelayPair], besides gone: PeerIndex? = nil, into actions: inout [NodeAction]
  ) {
    for pair in pairs {
      for link in pair.links { actions.append(.removeRelay(link.key)) }
      for end in [pair.first, pair.second]
      where end.peer != gone && peers[end.peer]?.association.isOpen == true {
        let release = RelayRelease(end.tag)
        say(ControlFrame(.release, body: release.body), to: end.peer, into: &actions)
      }
    }
  }

  mutating func expireRelays(at now: Moment, into actions: inout [NodeAction]) {
    guard relayPairs.nextExpiry <= now.boot else { return }
    endRelays(relayPairs.expire(at: now.boot), into: &actions)
  }

  /// For whom this host relays from now on; ``RelayPolicy/off`` ends what there is.
  public mutating func setRelayPolicy(
    _ policy: RelayPolicy, at now: Moment, into actions: inout [NodeAction]
  ) {
    relayPolicy = policy
    if policy == .off { endRelays(relayPairs.removeAll(), into: &actions) }
  }
}
