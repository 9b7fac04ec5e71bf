import IPv8Wire

@testable import P2TP

/// A session behind a reference, because `#expect` takes no noncopyable values.
final class SessionEnd {
  var session: Session

  init(_ established: EstablishedSession) {
    session = Session(established, of: PeerIndex(0), clockOffset: 0xffff_ff00)
  }

  var received: UInt64 { session.received }
  var nextDeadline: Timestamp { session.nextDeadline }
  var roundTrip: RoundTrip { session.roundTrip }

  func sealed(_ plaintext: [UInt8], isData: Bool = true, at now: Timestamp) -> [UInt8] {
    session.sealed(plaintext, isData: isData, at: now)
  }

  func opened(_ datagram: [UInt8], ecn: UInt8 = 0, at now: Timestamp) -> Session.OpenOutcome {
    session.opened(datagram, ecn: ecn, at: now)
  }

  func advance(to now: Timestamp) -> Session.Due { session.advance(to: now) }

  func takeRekeyDue(at now: Timestamp) -> Bool { session.takeRekeyDue(at: now) }
}
