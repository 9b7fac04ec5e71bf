import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// This host as an end of relayed ways (docs/protocol/introductions.md, "Relays").
///
/// Rules:
/// - two relays are held for one peer; a third one replaces the one that is not in use;
/// - a relay ends with our session with it, or when it says so; if traffic took it, another is sought
///   at once, while the data plane tries the other one.
extension Node {
  mutating func hold(
    _ offer: IntroductionCalled.Relay, of relay: PeerIndex, to index: PeerIndex,
    into actions: inout [NodeAction]
  ) {
    guard let reach = peers[index]?.reach, let source = peers[relay]?.reach.path else { return }
    if case .relay = source.carrier { return }
    let end = RelayEnd(relay: relay, tag: offer.tag, source: source)
    if let known = reach.relays.first(where: { $0.relay == relay }) {
      if known == end { return }
      drop(known, to: index, isTold: known.tag != end.tag, into: &actions)
    }
    let spare = peers[index]?.reach.relays.first { $0.endpoint != reach.path }
    if let spare, reach.relays.count >= RelayEnd.limit {
      drop(spare, to: index, isTold: true, into: &actions)
    }
    peers[index]?.reach.relays.append(end)
    if let link = end.link { actions.append(.setRelay(link)) }
  }

  /// - Parameter isTold: the relay hears of it.
  private mutating func drop(
    _ end: RelayEnd, to index: PeerIndex, isTold: Bool, into actions: inout [NodeAction]
  ) {
    peers[index]?.reach.relays.removeAll { $0 == end }
    if let link = end.link { actions.append(.removeRelay(link.key)) }
    actions.append(.forgetWay(index, end.endpoint))
    if isTold, peers[end.relay]?.association.isOpen == true {
      let release = RelayRelease(end.tag)
      say(ControlFrame(.release, body: release.body), to: end.relay, into: &actions)
    }
  }

  /// From a relay that ends our way, or from an end that wants it no more.
  mutating func receive(
    _ release: RelayRelease, of index: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    if let pair = relayPairs.release(release.tag, by: index) {
      endRelays([pair], besides: index, into: &actions)
      return
    }
    endWays(of: index, at: now, into: &actions) { $0.tag == release.tag }
  }

  /// Ways by a relay end, all or some; peers reached by them need others at once.
  mutating func endWays(
    of relay: PeerIndex, at now: Moment, into actions: inout [NodeAction],
    where isOver: (RelayEnd) -> Bool = { _ in true }
  ) {
    for index in sortedPeers {
      guard let reach = peers[index]?.reach else { continue }
      for end in reach.relays where end.relay == relay && isOver(end) {
        drop(end, to: index, isTold: false, into: &actions)
        journal(PathEvent.relayEnded, of: relay, about: index, at: now)
        if reach.path == end.endpoint {
          lose(index, at: now, into: &actions)
        } else if !reach.isDirect, peers[index]?.association.isOpen == true {
          // The warm one is replaced soon.
          bringUpgradeForward(index, to: now.boot + IntroductionSearch.silence)
        }
      }
    }
  }

  /// A relay of ours is at another endpoint: what comes from there is its.
  mutating func moveWays(
    by relay: PeerIndex, to source: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) {
    if case .relay = source.carrier {
      endWays(of: relay, at: now, into: &actions)
      return
    }
    for index in sortedPeers {
      guard let place = peers[index]?.reach.relays.firstIndex(where: { $0.relay == relay }),
        let before = peers[index]?.reach.relays[place], before.source != source
      else { continue }
      var after = before
      after.source = source
      peers[index]?.reach.relays[place] = after
      if let link = after.link { actions.append(.setRelay(link)) }
      if let link = before.link { actions.append(.removeRelay(link.key)) }
    }
  }

  /// All that a contact which is removed was relayed by, and relayed for us.
  mutating func forgetWays(of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]) {
    for end in peers[index]?.reach.relays ?? [] {
      drop(end, to: index, isTold: true, into: &actions)
    }
    endPunch(index, into: &actions)
    closeWays(index, at: now, into: &actions)
    endWays(of: index, at: now, into: &actions)
    endRelays(relayPairs.removeAll(of: index), besides: index, into: &actions)
    pendingIntroductions.forget(index)
    for other in sortedPeers {
      peers[other]?.reach.search?.forget(index)
      peers[other]?.reach.introducers.removeAll { $0 == index }
      peers[other]?.reach.refusals[index] = nil
    }
  }
}
