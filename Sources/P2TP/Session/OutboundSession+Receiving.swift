import IPv8Wire

extension OutboundSession {
  /// Takes what the inbound side learnt.
  public mutating func receive(_ news: Reception, at now: Timestamp) {
    if news.lss != lss {
      lss = news.lss
      reportNow = true
    }
    roundTrip = news.roundTrip
    feedback = news.feedback
    if let peerFeedback = news.peerFeedback { self.peerFeedback = peerFeedback }
    var signal = news.peerLSS.map { reduction.see(lss: $0) } ?? .nothing
    if signal == .reduce {
      reportNow = true
      if takeExcuse(at: now) { signal = .changed }
    }
    rate.learn(news.peerFeedback, news.roundTrips, signal: signal, at: now)
    cadence = news.cadence
    if news.records > 0 { hear(news) }
    if let data = news.dataAt {
      hearData(data.first, data.last)
      unreported += min(news.dataRecords, news.records)
      if unreported > 0, unreportedSince == nil { unreportedSince = data.first }
    }
    if news.cookieReturned, now - lastSent >= SessionTimes.cookieAnswerGap || counter == 0 {
      reportNow = true
    }
  }

  /// The next record may be lost for its size: that is no congestion (RFC 8899 §4.1).
  public mutating func excuseLoss(at now: Timestamp) {
    excusedUntil = now + SessionTimes.lossExcuse
  }

  /// It was not lost.
  public mutating func withdrawExcuse() { excusedUntil = nil }

  private mutating func takeExcuse(at now: Timestamp) -> Bool {
    defer { excusedUntil = nil }
    return excusedUntil.map { now <= $0 } ?? false
  }

  private mutating func hearData(_ first: Timestamp, _ last: Timestamp) {
    lastData = max(lastData, last)
    // What has left since is the answer already.
    guard isFirstStrand, answerBy == nil, lastSent <= last else { return }
    answerBy = (lastSent <= first ? first : last) + SessionTimes.passiveKeepalive
  }

  private mutating func hear(_ news: Reception) {
    lastHeard = news.lastAt
    returnCookie = nil
    confirmation = nil
    if let since = unheardSince, since <= news.lastAt {
      unheardSince = nil
      silenceTold = false
    }
    if let newer = news.owed { owed = newer }
  }
}
