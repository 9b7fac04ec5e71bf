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
/// - one attempt a peer at a time; where knocking at the same time fails and one side is hard, its
///   ports are guessed, then many are tried, as far as the budget goes.
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
    let knocks = PunchSchedule.simultaneousOpen(candidates)
    begin(
      PunchAttempt(.simultaneousOpen, knocks, at: candidates, start: start), of: index, at: now)
  }

  private mutating func begin(_ attempt: PunchAttempt, of index: PeerIndex, at now: Moment) {
    peers[index]?.reach.punch = attempt
    peers[index]?.reach.journal.note(
      .punching(attempt.method, addresses: attempt.candidateCount), at: now)
    wakeAt = min(wakeAt, attempt.nextDeadline)
  }

  mutating func advancePunch(
    _ index: PeerIndex, to now: Moment, into actions: inout [NodeAction]
  ) {
    guard let knocks = peers[index]?.reach.punch?.due(at: now.boot) else { return }
    for knock in knocks {
      guard knock.content == .bare else {
        callThrough(index, at: knock.destination, now, into: &actions)
        continue
      }
      let way = way(of: knock, index, into: &actions)
      actions.append(.send(bareKnock(way, at: now), to: way))
    }
    guard let punch = peers[index]?.reach.punch, punch.end <= now.boot else { return }
    endPunch(index, into: &actions)
    peers[index]?.reach.journal.note(.punchFailed(punch.method), at: now)
    if let next = attempt(after: punch, with: index, at: now) { begin(next, of: index, at: now) }
  }

  /// Where a knock leaves by: this host's port, or a socket that is opened for it.
  private mutating func way(
    of knock: ScheduledKnock, _ index: PeerIndex, into actions: inout [NodeAction]
  ) -> Endpoint {
    guard knock.socket > 0 else { return knock.destination }
    if let number = peers[index]?.reach.punch?.sockets[knock.socket] {
      return Endpoint(.socket(number))
    }
    nextSocket = (nextSocket & 0x3fff_ffff) + 1
    peers[index]?.reach.punch?.opened(nextSocket, as: knock.socket)
    actions.append(.openSocket(nextSocket, remote: knock.destination))
    return Endpoint(.socket(nextSocket))
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

  /// Ends an attempt. The socket that traffic takes stays.
  mutating func endPunch(_ index: PeerIndex, into actions: inout [NodeAction]) {
    guard let reach = peers[index]?.reach, let punch = reach.punch else { return }
    peers[index]?.reach.punch = nil
    for (_, number) in punch.sockets.sorted(by: { $0.key < $1.key }) {
      if reach.path == Endpoint(.socket(number)) {
        peers[index]?.reach.socket = number
      } else {
        actions.append(.closeSocket(number))
      }
    }
  }

  // MARK: Hearing

  /// Whether a peer that is expected to knock may be at `endpoint`.
  func isPunching(_ endpoint: Endpoint) -> Bool {
    peers.values.contains { $0.reach.punch?.expects(endpoint) == true }
  }

  /// A bare INIT came in by `endpoint`. One that an extra socket let in got through: from there its
  /// NAT lets in nobody but the peer.
  mutating func hearKnock(
    from endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard case .socket = endpoint.carrier else { return }
    _ = hearAnswer(from: endpoint, at: now, into: &actions)
  }

  /// A bare ANSWER that returned a cookie of ours came from `endpoint`: packets get through both ways.
  mutating func hearAnswer(
    from endpoint: Endpoint, at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    var isExpected = false
    for index in sortedPeers where peers[index]?.reach.punch?.expects(endpoint) == true {
      isExpected = true
      guard peers[index]?.reach.punch?.follows(endpoint) == true else { continue }
      if case .socket(let number) = endpoint.carrier { actions.append(.adoptSocket(number)) }
      callThrough(index, at: endpoint, now, into: &actions)
    }
    return isExpected
  }
}
