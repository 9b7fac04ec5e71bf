import IPv8Wire

/// What the owner asks and tells of the rate (docs/protocol: rate control).
extension OutboundSession {
  /// The earliest time that a record of `byteCount` with data may leave: not after `now` for at once,
  /// later while the window is full, or ``Timestamp/distantFuture``: ask again after ``receive(_:at:)`` and
  /// ``advance(to:)``.
  ///
  /// Changes nothing; mutating, so that no call copies the session.
  public mutating func departure(of byteCount: Int, at now: Timestamp) -> Timestamp {
    rate.departure(of: byteCount, at: now)
  }

  /// Until then what waits does so because the queue at the bottleneck is tested: the senders inside are not
  /// to be slowed down for it. Mutating for the same reason.
  public mutating func queueExcusedUntil() -> Timestamp { rate.standing.excusedUntil }

  /// Inner flows in use.
  public mutating func setActiveFlows(_ count: Int) { rate.setActiveFlows(count) }

  /// Whether data waits for its departure.
  public mutating func noteBacklog(_ isBacklogged: Bool) { rate.noteBacklog(isBacklogged) }

  /// Datagrams go another way from now on.
  ///
  /// - Parameter isRebinding: only a port changed, so that the path is the same.
  public mutating func pathChanged(isRebinding: Bool, at now: Timestamp) {
    rate.pathChanged(isRebinding: isRebinding, at: now)
    if !isRebinding { roundTrip.forgetMinimum() }
  }

  public var rateReport: RateReport { rate.report }
}
