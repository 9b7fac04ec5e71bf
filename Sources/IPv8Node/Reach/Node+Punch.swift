import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// Getting through to a peer's own addresses after an introduction (docs/protocol/traversal.md,
/// "Punching").
///
/// Rules:
/// - bare INITs go to all candidates on the schedule; what the owner signed also gets all that opens:
///   a call, or over an open session a challenge;
/// - where a knock is answered from, the same follows;
/// - one attempt a peer at a time.
extension Node {
  mutating func beginPunch(
    _ index: PeerIndex, at start: Timestamp, _ now: Moment, into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index], !(peer.association.isOpen && peer.reach.isDirect),
      peer.reach.punch == nil
    else { return }
    let candidates = Array(
      CandidateSet(peer.reach.places).worthKnocking(from: ownCandidates)
        .prefix(PunchSchedule.candidateLimit))
    guard !candidates.isEmpty else { return }
    peers[index]?.reach.punch = PunchAttempt(
      .simultaneousOpen, PunchSchedule.simultaneousOpen(candidates), at: candidates, start: start)
    peers[index]?.reach.journal.note(
      .punching(.simultaneousOpen, addresses: candidates.count), at: now)
    wakeAt = min(wakeAt, start)
  }

  mutating func advancePunch(
    _ index: PeerIndex, to now: Moment, into actions: inout [NodeAction]
  ) {
    guard let knocks = peers[index]?.reach.punch?.due(at: now.boot) else { return }
    for knock in knocks {
      switch knock.content {
      case .bare:
        actions.append(.send(bareKnock(knock.destination, at: now), to: knock.destination))
      case .call: callThrough(index, at: knock.destination, now, into: &actions)
      }
    }
    guard let punch = peers[index]?.reach.punch, punch.end <= now.boot else { return }
    peers[index]?.reach.punch = nil
    peers[index]?.reach.journal.note(.punchFailed(punch.method), at: now)
  }

  private func bareKnock(_ endpoint: Endpoint, at now: Moment) -> [UInt8] {
    P2TPHeader(sop: false, first: host.cookies.issue(to: endpoint, at: now.boot), second: 0).bytes
  }

  private mutating func callThrough(
    _ index: PeerIndex, at endpoint: Endpoint, _ now: Moment, into actions: inout [NodeAction]
  ) {
    if peers[index]?.association.isOpen == true {
      actions.append(.probe(index, endpoint))
    } else {
      knock(at: endpoint, of: index, at: now, into: &actions)
    }
  }

  /// Whether a peer that is expected to knock may be at `endpoint`.
  func isPunching(_ endpoint: Endpoint) -> Bool {
    peers.values.contains { $0.reach.punch?.expects(endpoint) == true }
  }

  /// A bare ANSWER that returned a cookie of ours came from `endpoint`: packets get through both ways.
  mutating func hearAnswer(
    from endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    var isExpected = false
    for index in sortedPeers where peers[index]?.reach.punch?.expects(endpoint) == true {
      isExpected = true
      if peers[index]?.reach.punch?.follows(endpoint) == true {
        callThrough(index, at: endpoint, now, into: &actions)
      }
    }
    return isExpected
  }
}
