import IPv8Wire

@testable import P2TP

/// Both sides of a session behind a reference, because `#expect` takes no noncopyable values. What
/// the inbound side learns goes to the outbound side at once.
final class SessionEnd {
  var inbound: InboundSession
  var outbound: OutboundSession

  init(_ established: EstablishedSession) {
    inbound = InboundSession(established, of: PeerIndex(0))
    outbound = OutboundSession(established, of: PeerIndex(0))
  }

  var received: UInt64 { inbound.received }
  var nextDeadline: Timestamp { min(outbound.nextDeadline, inbound.nextDeadline ?? .distantFuture) }
  var roundTrip: RoundTrip { outbound.roundTrip }

  func sealed(_ plaintext: [UInt8], isData: Bool = true, at now: Timestamp) -> [UInt8] {
    outbound.sealed(plaintext, isData: isData, at: now)
  }

  /// Opens `datagram` and finishes the record where it was accepted.
  func opened(
    _ datagram: [UInt8], ecn: UInt8 = 0, at now: Timestamp
  ) -> InboundSession.OpenOutcome {
    let outcome = inbound.opened(datagram, ecn: ecn, at: now).outcome
    if case .accepted = outcome { inbound.finishRecord() }
    tell(at: now)
    return outcome
  }

  func noteData(_ byteCount: Int, at now: Timestamp) {
    inbound.noteData(byteCount, at: now)
    tell(at: now)
  }

  func advance(to now: Timestamp) -> OutboundSession.Due {
    inbound.expireLoss(at: now)
    tell(at: now)
    return outbound.advance(to: now)
  }

  func takeRekeyDue(at now: Timestamp) -> Bool { outbound.takeRekeyDue(at: now) }

  private func tell(at now: Timestamp) {
    if let news = inbound.takeReception() { outbound.receive(news, at: now) }
  }
}
