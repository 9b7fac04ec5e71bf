import IPv8Wire
import P2TP

/// Streams where UDP does not get through (docs/protocol/streams.md).
///
/// Rules:
/// - a stream is dialled to a peer with HTTPS addresses when a call has gone two seconds without an
///   answer or has nowhere to go, and when an open session is lost;
/// - the stream that opens is one more way: the call goes on by it, a session is asked for an answer;
/// - while traffic goes by it, direct ways are asked after 10, 30, 60 s and then every minute;
/// - one that breaks is dialled again, after 1 s and then later and later, while it is wanted; one
///   that is not used for a minute is ended.
extension Node {
  /// A stream that was dialled for the peer is there.
  public mutating func streamOpened(
    _ index: PeerIndex, number: UInt32, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index], peer.stream.state == .dialling else {
      actions.append(.hangUp(number))
      return
    }
    peers[index]?.stream.opened(number)
    let endpoint = Endpoint(.stream(number))
    if peer.association.isOpen { actions.append(.probe(index, endpoint)) }
    if !peer.association.isOpen || peer.reach.isLost {
      knock(at: endpoint, of: index, at: now, into: &actions)
    }
    advanceStream(index, to: now, into: &actions)
  }

  /// None of the peer's HTTPS addresses takes streams.
  public mutating func streamFailed(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard peers[index]?.stream.state == .dialling else { return }
    peers[index]?.stream.failed(at: now.boot)
    advanceStream(index, to: now, into: &actions)
  }

  /// A stream is gone, whoever dialled it.
  public mutating func streamClosed(
    number: UInt32, at now: Moment, into actions: inout [NodeAction]
  ) {
    let endpoint = Endpoint(.stream(number))
    for index in sortedPeers where peers[index]?.association.isOpen == true {
      actions.append(.forgetWay(index, endpoint))
    }
    let index = sortedPeers.first { peers[$0]?.stream.state == .open(number) }
    guard let index else { return }
    peers[index]?.stream.failed(at: now.boot)
    advanceStream(index, to: now, into: &actions)
  }

  mutating func advanceStream(
    _ index: PeerIndex, to now: Moment, into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index] else { return }
    switch peer.stream.state {
    case .none: dialIfDue(index, peer, at: now, into: &actions)
    case .dialling: break
    case .open(let number):
      if peer.reach.path == peer.stream.endpoint {
        guard peers[index]?.stream.isUsed(at: now.boot) == true else { break }
        for endpoint in peer.candidates { actions.append(.probe(index, endpoint)) }
      } else if wantsSession(index) {
        peers[index]?.stream.isWanted()
      } else if peers[index]?.stream.isIdle(at: now.boot) == true {
        endStream(number, of: index, into: &actions)
      }
    }
    wakeAt = min(wakeAt, peers[index]?.stream.nextDeadline ?? .distantFuture)
  }

  private mutating func dialIfDue(
    _ index: PeerIndex, _ peer: NodePeer, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard !peer.contact.streams.isEmpty, let due = dialDue(peer) else { return }
    let at = max(due, peer.stream.notBefore)
    guard at <= now.boot else {
      wakeAt = min(wakeAt, at)
      return
    }
    peers[index]?.stream.state = .dialling
    peers[index]?.reach.journal.note(.dialled, at: now)
    actions.append(.dial(index, peer.contact.streams))
  }

  /// When a stream to the peer is wanted; nil while it is not.
  private func dialDue(_ peer: NodePeer) -> Timestamp? {
    guard peer.association.isOpen else {
      // Where there is nowhere to knock, there is nothing to wait for.
      return peer.association.knockingSince.map { $0 + StreamWay.patience }
        ?? peer.reach.askingSince
    }
    if peer.reach.isLost { return Timestamp(nanoseconds: 0) }
    // The stream that it went by is gone.
    if case .stream = peer.reach.path?.carrier { return Timestamp(nanoseconds: 0) }
    return nil
  }

  /// What a contact that is forgotten leaves.
  mutating func endStream(of index: PeerIndex, into actions: inout [NodeAction]) {
    if case .open(let number) = peers[index]?.stream.state {
      endStream(number, of: index, into: &actions)
    }
  }

  private mutating func endStream(
    _ number: UInt32, of index: PeerIndex, into actions: inout [NodeAction]
  ) {
    peers[index]?.stream = StreamWay()
    actions.append(.hangUp(number))
  }
}
