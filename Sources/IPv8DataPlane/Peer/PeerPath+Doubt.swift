import IPv8Wire

/// Nothing was heard from the peer after something was sent.
struct PathDoubt: Sendable {
  let since: Timestamp
  var interval: Interval
  var nextAt: Timestamp
  var isLost = false
}

extension PeerPath {
  /// Silence that raises doubt: so many round trips, within these bounds.
  static let doubtRoundTrips: Int64 = 3
  static let doubtBounds = Interval.milliseconds(300)...Interval.seconds(2)
  static let recheckLimit = Interval.seconds(2)
  static let lostAfter = Interval.seconds(1)

  /// Whether nothing answers: what is to be sent had better wait.
  var isLost: Bool { doubt?.isLost ?? false }

  /// When the silence since `unheardSince` becomes a matter for ``advanceDoubt(smoothed:at:)``; nil
  /// where all is well.
  func doubtDue(unheardSince: Timestamp?, smoothed: Interval?) -> Timestamp? {
    if let doubt { return doubt.nextAt }
    guard let unheardSince else { return nil }
    let patience = (smoothed ?? .seconds(1)) * Self.doubtRoundTrips
    let bounds = Self.doubtBounds
    return unheardSince + min(max(patience, bounds.lowerBound), bounds.upperBound)
  }

  /// This host's network changed: another way is taken as soon as it answers and this one does not.
  mutating func mistrust(smoothed: Interval?, at now: Timestamp) {
    let interval = grace(smoothed)
    doubt = doubt ?? PathDoubt(since: now, interval: interval, nextAt: now + interval)
  }

  enum DoubtStep: Equatable {
    case wait
    /// Challenge these; with `isLost`, tell that the peer is lost.
    case ask([Endpoint], isLost: Bool)
    /// Datagrams go there from now on.
    case moved(Endpoint)
  }

  /// The silence lasts.
  mutating func advanceDoubt(smoothed: Interval?, at now: Timestamp) -> DoubtStep {
    guard var waiting = doubt else {
      let interval = grace(smoothed)
      doubt = PathDoubt(since: now, interval: interval, nextAt: now + interval)
      return .ask(allProven, isLost: false)
    }
    guard waiting.nextAt <= now else { return .wait }
    if let endpoint = settleDoubt(smoothed: smoothed, at: now) { return .moved(endpoint) }
    waiting.interval = min(waiting.interval * 2, Self.recheckLimit)
    waiting.nextAt = now + waiting.interval
    let isNewlyLost = !waiting.isLost && now - waiting.since >= Self.lostAfter
    if isNewlyLost { waiting.isLost = true }
    doubt = waiting
    return .ask(allProven, isLost: isNewlyLost)
  }

  /// Moves to the best endpoint that answered since the doubt began, once the current one has had
  /// the time to.
  mutating func settleDoubt(smoothed: Interval?, at now: Timestamp) -> Endpoint? {
    guard let doubt, now >= doubt.since + grace(smoothed) else { return nil }
    let answered = proven.filter { $0.at >= doubt.since && $0.endpoint != current }
    let best = answered.min {
      (PathClass($0.endpoint), $0.at) < (PathClass($1.endpoint), $1.at)
    }
    guard let best else { return nil }
    move(to: best.endpoint, at: now)
    return current
  }

  private func grace(_ smoothed: Interval?) -> Interval {
    max((smoothed ?? Self.doubtBounds.lowerBound) * 3 / 2, .milliseconds(50))
  }

  /// The current endpoint first.
  private var allProven: [Endpoint] {
    [current] + proven.map(\.endpoint).filter { $0 != current }
  }
}
