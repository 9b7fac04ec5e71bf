import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// The caller's part of an introduction (docs/protocol/introductions.md).
///
/// Rules:
/// - a call that is likely to find the peer directly gets a head start; any other asks around at once;
/// - introducers are peers with open sessions that are let in and not themselves reached by a relay:
///   first those that introduced us before, then those that the peer names, then the nearest; those
///   that refused lately come last;
/// - the search goes on until there are two, while packets want the peer or it is to be kept open.
extension Node {
  /// The head start of a call that needs no introduction, probably.
  static let directPatience = Interval.milliseconds(100)
  /// A call without addresses is given up after this, as others are.
  static let askingPatience = Interval.seconds(30)

  /// Whether an introduction could make a session or restore one.
  func wantsSession(_ index: PeerIndex) -> Bool {
    guard let peer = peers[index] else { return false }
    if peer.association.isOpen { return peer.reach.isLost }
    return peer.association.isOpening || peer.contact.keepOpen || peer.reach.askingSince != nil
  }

  /// After a call began, or the session was lost.
  mutating func prepareSearch(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index], wantsSession(index) else { return }
    // What was a search for a better path is one for any path now.
    if peer.reach.search?.isSinglePass == false { return }
    let isHasty = peer.reach.isLost || !isLikelyDirect(peer)
    let start = isHasty ? now.boot : now.boot + Self.directPatience
    guard start < peer.reach.searchAt else { return }
    peers[index]?.reach.searchAt = start
    wakeAt = min(wakeAt, start)
    if start <= now.boot { beginSearch(index, isSinglePass: false, at: now, into: &actions) }
  }

  /// Whether the peer lets in calls that it does not expect, as far as known.
  private func isLikelyDirect(_ peer: NodePeer) -> Bool {
    guard !peer.candidates.isEmpty else { return false }
    let nat = peer.reach.nat
    return nat.isPortMapped || nat.filtering == nil
      || (nat.filtering == .endpointIndependent && nat.mapping?.isDependent != true)
  }

  mutating func beginSearch(
    _ index: PeerIndex, isSinglePass: Bool, at now: Moment, into actions: inout [NodeAction]
  ) {
    peers[index]?.reach.searchAt = .distantFuture
    peers[index]?.reach.search = IntroductionSearch(isSinglePass: isSinglePass, at: now.boot)
    continueSearch(index, at: now, into: &actions)
  }

  mutating func continueSearch(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard var search = peers[index]?.reach.search else { return }
    for silent in search.tire(at: now.boot) {
      journal(PathEvent.silent, of: silent, about: index, at: now)
    }
    let isOver = search.isSatisfied || !(search.isSinglePass || wantsSession(index))
    if isOver {
      peers[index]?.reach.search = nil
      return
    }
    while search.room > 0, let introducer = introducer(to: index, besides: search.tried) {
      let id = IntroductionID(host.entropy.next())
      search.ask(introducer, id, at: now.boot)
      ask(introducer, for: index, id, at: now, into: &actions)
    }
    let isExhausted = search.room > 0
    search.pause(at: now.boot)
    if search.isSinglePass, isExhausted, !search.isWaiting {
      peers[index]?.reach.search = nil
      return
    }
    peers[index]?.reach.search = search
    wakeAt = min(wakeAt, search.nextAt)
  }

  func introducer(to index: PeerIndex, besides tried: Set<PeerIndex>) -> PeerIndex? {
    guard let reach = peers[index]?.reach else { return nil }
    let rendezvous = Set(peers[index]?.contact.rendezvous.compactMap { addresses[$0] } ?? [])
    func rank(_ candidate: PeerIndex) -> (Int, Int, Int, Int64, Int) {
      let isHeld = reach.relays.contains { $0.relay == candidate }
      let before = reach.introducers.firstIndex(of: candidate) ?? Reach.memoryLimit
      let roundTrip = peers[candidate]?.reach.roundTrip ?? .seconds(1)
      let refused = reach.refusals[candidate] == nil ? 0 : 1
      let isNamed = rendezvous.contains(candidate) ? 0 : 1
      return (refused, isHeld ? -1 : before, isNamed, roundTrip.nanoseconds, candidate.value)
    }
    return peers.keys.filter {
      $0 != index && !tried.contains($0) && canIntroduce($0)
    }.min { rank($0) < rank($1) }
  }

  /// A peer that hears us now, and not by way of yet another.
  private func canIntroduce(_ index: PeerIndex) -> Bool {
    guard let peer = peers[index], peer.association.isOpen, peer.kind.isLetIn,
      let path = peer.reach.path
    else {
      return false
    }
    if case .relay = path.carrier { return false }
    return true
  }

  private mutating func ask(
    _ introducer: PeerIndex, for index: PeerIndex, _ id: IntroductionID, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let target = peers[index]?.contact.permID,
      let sealed = sealIntroduction(
        id, to: index, delay: peers[introducer]?.reach.roundTrip ?? .zero, at: now)
    else { return }
    let call = IntroductionCall(
      id: id, flags: .relay, destination: OverlayAddress(of: target), sealed: sealed)
    say(ControlFrame(.call, body: call.body), to: introducer, into: &actions)
    journal(PathEvent.asked, of: introducer, about: index, at: now)
  }

  /// The callee's answer, or the word that there is none.
  mutating func receiveAnswer(
    _ called: IntroductionCalled, by introducer: PeerIndex, of index: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let took = peers[index]?.reach.search?.answered(called.id, by: introducer, at: now.boot),
      let answer = openIntroduction(called, of: index, at: now)
    else {
      counters.badIntroduction += 1
      return
    }
    let delay = Interval.milliseconds(Int64(answer.introduction.delay))
    let start = now.boot + max(.zero, delay + took / -2)
    meet(index, answer, by: introducer, called.relay, at: now, into: &actions)
    if let way = peers[index]?.reach.relays.first(where: { $0.relay == introducer }) {
      if peers[index]?.association.isOpen == true {
        actions.append(.probe(index, way.endpoint))
      }
      if peers[index]?.association.isOpen == false || peers[index]?.reach.isLost == true {
        knock(at: way.endpoint, of: index, at: now, into: &actions)
      }
    }
    beginPunch(index, at: start, now, into: &actions)
    continueSearch(index, at: now, into: &actions)
  }

  mutating func receiveRefusal(
    _ refusal: IntroductionRefused, by introducer: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    for index in sortedPeers
    where peers[index]?.reach.search?.refused(refusal.id, by: introducer) == true {
      peers[index]?.reach.rememberRefusal(of: introducer, at: now.boot)
      if let permID = peers[introducer]?.contact.permID {
        peers[index]?.reach.journal.note(.refused(by: permID, refusal.reason), at: now)
      }
      continueSearch(index, at: now, into: &actions)
      refuseIfHopeless(index, into: &actions)
      return
    }
  }

  /// Nowhere to call and nobody left to ask.
  private mutating func refuseIfHopeless(_ index: PeerIndex, into actions: inout [NodeAction]) {
    guard let peer = peers[index], !peer.association.isOpen, !peer.association.isOpening,
      peer.reach.search?.isWaiting != true
    else { return }
    refuse(index, into: &actions)
  }

  mutating func knock(
    at endpoint: Endpoint, of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    associate(index, at: now, into: &actions) { association, host, opening in
      association.knock(at: endpoint, at: now, host: &host, into: &opening)
    }
  }
}
