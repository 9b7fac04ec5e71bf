import IPv8Crypto
import IPv8Wire

extension Session {
  public enum OpenOutcome: Equatable, Sendable {
    /// - first: nothing of this session was received before: the peer has the keys.
    /// - newest: no record received had a higher counter.
    case accepted(first: Bool, newest: Bool)
    case replayed
    case forged
    /// Too old, or too many forgeries: the session is over.
    case expired
  }

  /// Opens a record in place; its plaintext lies between the 12-byte prefix and the 16-byte tag.
  ///
  /// - Parameter ecn: the outer ECN bits.
  public mutating func open(
    _ datagram: inout MutableRawSpan, header: P2TPHeader, ecn: UInt8, at now: Timestamp
  ) -> OpenOutcome {
    guard now - establishedAt < Self.lifetime, forgeries < suite.forgeryLimit else {
      return .expired
    }
    let counter = replay.expand(header.first)
    guard replay.accepts(counter) else { return .replayed }
    guard receiveKey.open(&datagram, prefix: DatagramKind.recordPrefix, counter: counter) else {
      forgeries += 1
      return .forged
    }
    return accept(counter, header, ecn: ecn, at: now)
  }

  /// As ``open(_:header:ecn:at:)`` with the plaintext elsewhere: exactly as many bytes as there are
  /// between prefix and tag. Its bytes are undefined unless the outcome is `accepted`.
  public mutating func open(
    _ datagram: RawSpan, into plaintext: inout MutableRawSpan, header: P2TPHeader, ecn: UInt8,
    at now: Timestamp
  ) -> OpenOutcome {
    guard now - establishedAt < Self.lifetime, forgeries < suite.forgeryLimit else {
      return .expired
    }
    let counter = replay.expand(header.first)
    guard replay.accepts(counter) else { return .replayed }
    let authentic = receiveKey.open(
      datagram, into: &plaintext, prefix: DatagramKind.recordPrefix, counter: counter)
    guard authentic else {
      forgeries += 1
      return .forged
    }
    return accept(counter, header, ecn: ecn, at: now)
  }

  /// Notes what an authentic record tells.
  private mutating func accept(
    _ counter: UInt64, _ header: P2TPHeader, ecn: UInt8, at now: Timestamp
  ) -> OpenOutcome {
    let first = received == 0
    let newest = counter >= replay.next
    replay.mark(counter)
    received += 1
    lastHeard = now
    returnCookie = nil
    confirmation = nil
    unheardSince = nil
    silenceTold = false
    unreported += 1
    if unreportedSince == nil { unreportedSince = now }
    noteLoss(detector.arrived(counter, at: now))
    if ecn == 3 {
      congestionExperienced &+= 1
      if reporter.loss(of: counter) { reportNow = true }
    }
    if counter >= flagsReadBelow { readFlags(header, counter) }
    readTimestamp(header, newest: newest, at: now)
    return .accepted(first: first, newest: newest)
  }

  /// A data packet was in the record.
  public mutating func noteData(at now: Timestamp) {
    lastData = now
    if answerBy == nil { answerBy = now + Self.passiveKeepalive }
  }

  /// A feedback frame was in the record.
  public mutating func receive(_ feedback: Feedback) {
    remoteFeedback = feedback
    guard let sample = pendingSample else { return }
    pendingSample = sample + Interval.microseconds(-16 * Int64(feedback.hold))
  }

  /// Takes the round-trip sample of the record, its hold time known by now.
  public mutating func finishRecord() {
    guard let sample = pendingSample else { return }
    roundTrip.sample(sample)
    pendingSample = nil
  }

  private mutating func readFlags(_ header: P2TPHeader, _ counter: UInt64) {
    flagsReadBelow = counter + 1
    if reporter.see(clr: header.clr, counter: counter) { reportNow = true }
    if reduction.see(lss: header.lss) == .reduce {
      rate.reduce()
      reportNow = true
    }
  }

  private mutating func readTimestamp(_ header: P2TPHeader, newest: Bool, at now: Timestamp) {
    guard header.yts else {
      if newest { owed = (header.second, now) }
      return
    }
    if now - establishedAt < CookieIssuer.lifetime, issuedCookies.contains(header.second) {
      if now - lastSent >= Self.cookieAnswerGap || counter == 0 { reportNow = true }
      return
    }
    guard lastForward != nil else { return }
    pendingSample = clock.elapsed(since: header.second, at: now)
  }

  mutating func noteLoss(_ highest: UInt64?) {
    if let highest, reporter.loss(of: highest) { reportNow = true }
  }
}
