import IPv8Wire

extension InboundSession {
  /// Whether what is to be told must not wait.
  public var isUrgent: Bool {
    hasReception
      && (reception.isUrgent || unreported >= cadence.every
        || reception.records >= SessionTimes.recordsUntold)
  }

  /// What has been learnt since the last call; nil for nothing.
  public mutating func takeReception() -> Reception? {
    guard hasReception else { return nil }
    if isUrgent {
      unreported = 0
      reportBy = nil
    }
    hasReception = false
    reception.cadence = cadence
    reception.lss = reporter.lss
    reception.roundTrip = roundTrip
    reception.feedback = Feedback(
      highest: UInt32(truncatingIfNeeded: replay.next &- 1),
      received: UInt32(truncatingIfNeeded: received),
      lost: UInt32(truncatingIfNeeded: detector.lost),
      congestionExperienced: congestionExperienced, hold: 0,
      flags: detector.isSpurious ? Feedback.spurious : 0)
    if let lss = reception.peerLSS { toldLSS = lss }
    if let newest = reception.newest { toldSource = newest.source }
    return reception
  }

  mutating func begin(at now: Timestamp) {
    guard !hasReception else { return }
    hasReception = true
    reception = Reception(localID, at: now)
  }

  /// An authentic record came.
  mutating func note(
    _ source: Endpoint, _ byteCount: Int, newest: Bool, first: Bool, at now: Timestamp
  ) {
    begin(at: now)
    reception.records += 1
    reception.lastAt = now
    if reception.newest?.source == source {
      reception.newest?.byteCount += byteCount
    } else if newest {
      reception.newest = (source, byteCount)
      if source != toldSource { reception.isUrgent = true }
    }
    if first { reception.isUrgent = true }
  }

  mutating func noteUnreported(at now: Timestamp) {
    reception.dataRecords += 1
    cadence.note(roundTrip: roundTrip.smoothed, at: now)
    unreported += 1
    if reportBy == nil { reportBy = now + cadence.delay }
  }

  /// The record arrived with Congestion Experienced.
  mutating func noteCongestion(_ counter: UInt64) {
    congestionExperienced &+= 1
    guard reporter.loss(of: counter) else { return }
    detector.beginEvent(isLoss: false)
    reception.isUrgent = true
  }

  mutating func readFlags(_ header: P2TPHeader, _ counter: UInt64) {
    flagsReadBelow = counter + 1
    reception.peerLSS = header.lss
    let wasSignalling = reporter.lss
    let changed = reporter.see(clr: header.clr, counter: counter)
    if changed, wasSignalling { detector.endEvent(below: counter) }
    if changed, !wasSignalling { detector.beginEvent(isLoss: true) }
    if changed || header.lss && !toldLSS { reception.isUrgent = true }
  }

  mutating func readTimestamp(_ header: P2TPHeader, newest: Bool, at now: Timestamp) {
    guard header.yts else {
      if newest { reception.owed = (header.second, now) }
      return
    }
    if now - establishedAt < CookieIssuer.lifetime, issuedCookies.contains(header.second) {
      reception.cookieReturned = true
      reception.isUrgent = true
      return
    }
    pendingSample = clock.elapsed(since: header.second, at: now)
    if let sample = pendingSample, now < pathSince + sample { pendingSample = nil }
  }

  mutating func noteLoss(_ highest: UInt64?, at now: Timestamp) {
    guard let highest else { return }
    // The next report counts it, even if it is of an event that is signalled already.
    begin(at: now)
    guard reporter.loss(of: highest) else { return }
    detector.beginEvent(isLoss: true)
    reception.isUrgent = true
  }

  /// Records lost of those sent towards us, 0...1; nil before anything arrived.
  public var lossRatio: Double? {
    let total = received + detector.lost
    return total == 0 ? nil : Double(detector.lost) / Double(total)
  }
}
