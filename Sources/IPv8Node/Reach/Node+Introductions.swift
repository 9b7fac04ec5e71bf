import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// What both ends of an introduction do (docs/protocol/introductions.md).
extension Node {
  /// Takes a control frame of a peer, authentic and not a replay.
  public mutating func receive(
    _ frame: ControlFrame, of index: PeerIndex, from endpoint: Endpoint, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard peers[index] != nil else { return }
    let isTaken: Bool
    switch frame.kind {
    case .binding:
      receiveBinding(frame.body, of: index, at: now, into: &actions)
      isTaken = true
    case .call:
      let call = IntroductionCall(frame.body.rawSpan)
      if let call { handOn(call, of: index, at: now, into: &actions) }
      isTaken = call != nil
    case .called:
      let called = IntroductionCalled(frame.body.rawSpan)
      if let called { receive(called, by: index, at: now, into: &actions) }
      isTaken = called != nil
    case .refused:
      let refusal = IntroductionRefused(frame.body.rawSpan)
      if let refusal {
        receiveRefusal(refusal, by: index, at: now, into: &actions)
        passRefusal(refusal, of: index, at: now, into: &actions)
      }
      isTaken = refusal != nil
    case .release:
      let release = RelayRelease(frame.body.rawSpan)
      if let release { receive(release, of: index, at: now, into: &actions) }
      isTaken = release != nil
    default: isTaken = true
    }
    if !isTaken { counters.badIntroduction += 1 }
  }

  private mutating func receive(
    _ called: IntroductionCalled, by introducer: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let index = indices[called.source], index != introducer else {
      // A caller that is still asked about may ask once more.
      if !called.flags.contains(.answer),
        !inquire(called.source, from: nil, at: now, into: &actions)
      {
        refuse(called.id, .unknown, to: introducer, into: &actions)
      }
      return
    }
    if called.flags.contains(.answer) {
      receiveAnswer(called, by: introducer, of: index, at: now, into: &actions)
    } else {
      answer(called, by: introducer, of: index, at: now, into: &actions)
    }
  }

  /// The callee's part: tell the caller what it must know to get here, and begin to knock.
  private mutating func answer(
    _ called: IntroductionCalled, by introducer: PeerIndex, of index: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let signed = openIntroduction(called, of: index, at: now) else {
      counters.badIntroduction += 1
      return
    }
    let theirs = Interval.milliseconds(Int64(signed.introduction.delay))
    let ours = peers[introducer]?.reach.roundTrip ?? theirs
    let delay = PunchSchedule.delay(roundTrips: theirs, ours)
    guard let sealed = sealIntroduction(called.id, to: index, delay: delay, at: now) else { return }
    meet(index, signed, by: introducer, called.relay, at: now, into: &actions)
    let flags: IntroductionFlags = called.relay == nil ? .answer : [.answer, .relay]
    let call = IntroductionCall(
      id: called.id, flags: flags, destination: OverlayAddress(of: called.source), sealed: sealed)
    say(ControlFrame(.call, body: call.body), to: introducer, into: &actions)
    // A friend, too, may make us knock at others' addresses only so often.
    let isStranger = peers[index]?.kind == .stranger
    if peers[index]?.reach.punchAllowance.take(at: now.boot) == true,
      !isStranger || strangerPunches.take(at: now.boot)
    {
      beginPunch(index, at: now.boot + delay, now, into: &actions)
    }
  }

  /// What the peer told counts from now on.
  mutating func meet(
    _ index: PeerIndex, _ signed: SignedIntroduction, by introducer: PeerIndex,
    _ relay: IntroductionCalled.Relay?, at now: Moment, into actions: inout [NodeAction]
  ) {
    let told = signed.introduction
    if signed.binding != nil { take(told.binding, of: index, at: now, into: &actions) }
    let vouched = Set(signed.binding?.endpoints ?? [])
    peers[index]?.reach.nat = NATSummary(byte: told.nat)
    peers[index]?.reach.portCount = PortCount(last: told.lastPort, step: Int(told.portStep))
    peers[index]?.reach.places =
      CandidateSet(
        told.places.compactMap { place in
          guard place.endpoint.isUsable, !place.endpoint.isReserved else { return nil }
          return Candidate.Kind(rawValue: place.kind).map {
            Candidate(place.endpoint, $0, isSigned: vouched.contains(place.endpoint))
          }
        }
      ).candidates
    peers[index]?.reach.remember(introducer)
    if let relay { hold(relay, of: introducer, to: index, into: &actions) }
    guard let permID = peers[introducer]?.contact.permID else { return }
    peers[index]?.reach.journal.note(
      .introduced(by: permID, isRelaying: relay != nil), at: now)
  }

  // MARK: Sealed introductions

  mutating func sealIntroduction(
    _ id: IntroductionID, to index: PeerIndex, delay: Interval, at now: Moment
  ) -> [UInt8]? {
    guard let recipient = peers[index]?.contact.permID else { return nil }
    let time = max(now.wall, WallTime(milliseconds: lastIntroduction.milliseconds + 1))
    lastIntroduction = time
    let introduction = Introduction(
      id: id, sender: permID, time: time, nat: ownNAT.byte,
      portStep: Int8(ownPortCount?.step ?? 0), lastPort: ownPortCount?.last ?? 0,
      delay: UInt16(clamping: delay.milliseconds),
      places: ownCandidates.candidates.map {
        Introduction.Place(kind: $0.kind.rawValue, endpoint: $0.endpoint)
      }, binding: host.binding ?? [])
    return SignedIntroduction.seal(
      introduction, for: recipient, signedBy: host.identity,
      ephemeral: AgreementKey(secret: host.entropy.secret(32)))
  }

  /// Nil where it is not the peer's, not for us, not of now, or heard before.
  mutating func openIntroduction(
    _ called: IntroductionCalled, of index: PeerIndex, at now: Moment
  ) -> SignedIntroduction? {
    guard
      let signed = try? SignedIntroduction(
        opening: called.sealed, from: called.source, identity: host.identity, at: now.wall),
      signed.introduction.id == called.id,
      peers[index]?.reach.history.take(called.id, at: signed.introduction.time) == true
    else { return nil }
    return signed
  }

  // MARK: Words

  mutating func say(
    _ frame: ControlFrame, to index: PeerIndex, into actions: inout [NodeAction]
  ) {
    actions.append(.sendFrame(index, frame))
  }

  mutating func refuse(
    _ id: IntroductionID, _ reason: IntroductionRefused.Reason, to index: PeerIndex,
    into actions: inout [NodeAction]
  ) {
    let refusal = IntroductionRefused(id: id, reason: reason)
    say(ControlFrame(.refused, body: refusal.body), to: index, into: &actions)
  }

  /// Notes an event that names another peer.
  mutating func journal(
    _ event: (PermID) -> PathEvent, of other: PeerIndex, about index: PeerIndex, at now: Moment
  ) {
    guard let permID = peers[other]?.contact.permID else { return }
    peers[index]?.reach.journal.note(event(permID), at: now)
  }
}
