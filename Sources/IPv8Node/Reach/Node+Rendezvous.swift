import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// Peers by way of whom others can be reached, as bindings name them (docs/protocol/binding.md).
///
/// Rules:
/// - our record names up to three trusted peers with open sessions, those first that others reach
///   easily; a name stays as long as its session, and an empty list replaces none;
/// - a change is signed at most every ten seconds, and not told at once: who needs the list has no
///   session with us;
/// - a peer that has no global address as far as known is asked for by way of the peers that it names;
///   those without a session are called, those that are unknown are sought.
extension Node {
  /// After a session opened or ended, and between two changes.
  static let rendezvousSettling = Interval.seconds(2)
  static let rendezvousInterval = Interval.seconds(10)
  /// Between two questions who a peer's rendezvous are.
  static let seekInterval = Interval.seconds(2)

  mutating func scheduleRendezvous(at now: Timestamp) {
    let due = max(
      now + Self.rendezvousSettling, ownBinding.rendezvousSetAt + Self.rendezvousInterval)
    ownBinding.rendezvousAt = min(ownBinding.rendezvousAt, due)
    wakeAt = min(wakeAt, ownBinding.rendezvousAt)
  }

  mutating func refreshRendezvous(at now: Moment, into actions: inout [NodeAction]) {
    guard ownBinding.rendezvousAt <= now.boot else { return }
    ownBinding.rendezvousAt = .distantFuture
    let chosen = chooseRendezvous()
    guard !chosen.isEmpty, Set(chosen) != Set(ownBinding.rendezvous) else { return }
    ownBinding.rendezvous = chosen
    ownBinding.rendezvousSetAt = now.boot
    if ownBinding.signed != nil { signOwnBinding(at: now, into: &actions) }
  }

  private func chooseRendezvous() -> [OverlayAddress] {
    func rank(_ peer: NodePeer) -> Int {
      let isGlobal = peer.contact.signed.contains { $0.isGlobal }
      return (isGlobal ? 0 : 2) + (peer.reach.nat.filtering == .endpointIndependent ? 0 : 1)
    }
    let open = sortedPeers.compactMap { peers[$0] }.filter {
      guard $0.association.isOpen, $0.kind.isTrusted, let path = $0.reach.path else {
        return false
      }
      if case .relay = path.carrier { return false }
      return true
    }
    let ranked = open.map { (rank($0), OverlayAddress(of: $0.contact.permID)) }
      .sorted { ($0.0, $0.1.value) < ($1.0, $1.1.value) }.map(\.1)
    let kept = ownBinding.rendezvous.filter(ranked.contains)
    let more = ranked.filter { !kept.contains($0) }
    return Array((kept + more).prefix(BindingRecord.rendezvousLimit))
  }

  // MARK: Those of others

  /// Has the peers found and called by way of whom a peer says that it can be reached. Whether there
  /// is one.
  mutating func meetRendezvous(
    of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    guard let peer = peers[index], !peer.contact.rendezvous.isEmpty, !peer.association.isOpen,
      !peer.candidates.contains(where: \.isGlobal), peer.nearby.isEmpty
    else { return false }
    var isThere = false
    let maySeek = peer.reach.soughtAt.map { now.boot - $0 >= Self.seekInterval } ?? true
    for address in peer.contact.rendezvous where address != OverlayAddress(of: permID) {
      if let other = addresses[address] {
        guard other != index, let rendezvous = peers[other],
          rendezvous.association.isOpen || !rendezvous.callCandidates.isEmpty
        else { continue }
        isThere = true
        guard !rendezvous.association.isOpen, !rendezvous.association.isOpening else { continue }
        call(other, isRendezvous: true, at: now, into: &actions)
      } else if inquires {
        isThere = true
        guard maySeek else { continue }
        peers[index]?.reach.soughtAt = now.boot
        actions.append(.seek(address))
      }
    }
    return isThere
  }

  /// A session opened with a peer that others name: those that are looked for are asked for there.
  mutating func searchBy(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let permID = peers[index]?.contact.permID else { return }
    let address = OverlayAddress(of: permID)
    for other in sortedPeers
    where other != index && peers[other]?.contact.rendezvous.contains(address) == true {
      guard wantsSession(other) else { continue }
      if peers[other]?.reach.search != nil {
        continueSearch(other, at: now, into: &actions)
      } else {
        beginSearch(other, isSinglePass: false, at: now, into: &actions)
      }
    }
  }
}
