import IPv8Wire

@testable import P2TP

/// Both sides of a session behind a reference, because `#expect` takes no noncopyable values.
final class SessionEnd {
  var inbound: InboundSession
  var outbound: OutboundSession
  /// The outbound side is told at once of what is urgent alone.
  let isLate: Bool
  private(set) var receptions = 0

  init(_ established: EstablishedSession, isLate: Bool = false) {
    inbound = InboundSession(established, of: PeerIndex(0))
    outbound = OutboundSession(established, of: PeerIndex(0))
    self.isLate = isLate
  }

  var received: UInt64 { inbound.received }
  var isUrgent: Bool { inbound.isUrgent }
  var nextDeadline: Timestamp { min(outbound.nextDeadline, inbound.nextDeadline ?? .distantFuture) }
  var roundTrip: RoundTrip { outbound.roundTrip }
  var answerBy: Timestamp? { outbound.answerBy }
  var unheardSince: Timestamp? { outbound.unheardSince }
  var lss: Bool { outbound.lss }
  var reductions: UInt64 { outbound.rate.reductions }
  var reportedLost: UInt32 { outbound.feedback.lost }

  func sealed(_ plaintext: [UInt8], isData: Bool = true, at now: Timestamp) -> [UInt8] {
    outbound.sealed(plaintext, isData: isData, at: now)
  }

  /// Seals a record with a report.
  func reported(_ plaintext: [UInt8] = [], at now: Timestamp) -> [UInt8] {
    var frames: [UInt8] = []
    outbound.appendFeedback(to: &frames, at: now)
    return sealed(frames + plaintext, isData: !plaintext.isEmpty, at: now)
  }

  func opened(
    _ datagram: [UInt8], from source: Endpoint = .test(1), ecn: UInt8 = 0, at now: Timestamp
  ) -> InboundSession.OpenOutcome {
    defer { tell(at: now) }
    return inbound.opened(datagram, from: source, ecn: ecn, at: now)
  }

  func noteData(_ byteCount: Int, at now: Timestamp) {
    inbound.noteData(byteCount, at: now)
    tell(at: now)
  }

  func expireLoss(at now: Timestamp) {
    inbound.expireLoss(at: now)
    tell(at: now)
  }

  func advance(to now: Timestamp) -> OutboundSession.Due {
    expireLoss(at: now)
    return outbound.advance(to: now)
  }

  func takeRekeyDue(at now: Timestamp) -> Bool { outbound.takeRekeyDue(at: now) }

  private func tell(at now: Timestamp) {
    if !isLate || inbound.isUrgent { tellAll(at: now) }
  }

  func tellAll(at now: Timestamp) {
    guard let news = inbound.takeReception() else { return }
    receptions += 1
    outbound.receive(news, at: now)
  }
}
