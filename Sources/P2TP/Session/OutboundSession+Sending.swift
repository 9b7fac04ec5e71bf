import IPv8Crypto
import IPv8Wire

extension OutboundSession {
  public enum SealOutcome: Sendable { case sealed, expired }

  /// Seals `datagram` in place: 12 bytes of room, the plaintext, 16 bytes of room for the tag.
  ///
  /// - Parameter isData: false for records that only keep the session alive.
  public mutating func seal(
    _ datagram: inout MutableRawSpan, isData: Bool, at now: Timestamp
  ) -> SealOutcome {
    let outcome = begin(&datagram, isData: isData, at: now)
    guard outcome == .sealed else { return outcome }
    key.seal(&datagram, prefix: DatagramKind.recordPrefix, counter: counter)
    counter += 1
    return outcome
  }

  /// As ``seal(_:isData:at:)`` with the plaintext elsewhere: as many bytes as the datagram has
  /// between prefix and tag.
  public mutating func seal(
    _ plaintext: RawSpan, into datagram: inout MutableRawSpan, isData: Bool, at now: Timestamp
  ) -> SealOutcome {
    let outcome = begin(&datagram, isData: isData, at: now)
    guard outcome == .sealed else { return outcome }
    key.seal(
      plaintext, into: &datagram, prefix: DatagramKind.recordPrefix, counter: counter)
    counter += 1
    return outcome
  }

  /// Writes the prefix of the next record, and notes that it left.
  private mutating func begin(
    _ datagram: inout MutableRawSpan, isData: Bool, at now: Timestamp
  ) -> SealOutcome {
    guard now - establishedAt < SessionTimes.lifetime, counter < suite.sealLimit else {
      return .expired
    }
    let (yts, timestamp) = timestampField(at: now)
    let header = P2TPHeader(
      sop: true, lss: lss, clr: reduction.clr, yts: yts,
      first: UInt32(truncatingIfNeeded: counter), second: timestamp)
    datagram.storeBigEndian(header.word1, at: 0)
    datagram.storeBigEndian(header.word2, at: 4)
    datagram.storeBigEndian(remoteID.value, at: P2TPHeader.byteCount)
    ecn = rate.ecn
    rate.noteSent(counter, datagram.byteCount, isData: isData, at: now)
    lastSent = now
    answerBy = nil
    if isData { lastData = now }
    if isData, unheardSince == nil { unheardSince = now }
    return .sealed
  }

  /// Appends a feedback frame for the record to be sealed next.
  public mutating func appendFeedback(to frames: inout [UInt8], at now: Timestamp) {
    var held = owed.map { (now - $0.arrived).microseconds / 16 } ?? 0
    if held >= Int64(UInt16.max) {
      // Longer than the report can say: returned, it would make the round trip look so long.
      owed = nil
      held = 0
    }
    var report = feedback
    report.hold = UInt16(clamping: held)
    Frame.feedback(report).append(to: &frames)
    holdIncluded = owed != nil
    unreported = 0
    unreportedSince = nil
    reportNow = false
  }

  /// Which timestamp the next header carries. The peer's newest is returned while it is fresh, or
  /// with its hold time in the same record; every now and then, and otherwise, our own goes out
  /// (protocol §1.9).
  private mutating func timestampField(at now: Timestamp) -> (yts: Bool, value: UInt32) {
    defer { holdIncluded = false }
    if let returnCookie { return (true, returnCookie) }
    let smoothed = roundTrip.smoothed ?? .zero
    if let owed {
      let forwardDue = lastForward.map {
        returnedLast && now - $0 > max(smoothed / 4, .milliseconds(5))
      }
      let fresh = holdIncluded || now - owed.arrived <= max(smoothed / 8, .microseconds(250))
      if fresh, forwardDue == false || holdIncluded {
        self.owed = nil
        returnedLast = true
        return (true, owed.value)
      }
    }
    lastForward = now
    returnedLast = false
    return (false, clock.value(at: now))
  }
}
