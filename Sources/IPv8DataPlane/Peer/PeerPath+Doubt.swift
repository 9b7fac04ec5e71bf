import IPv8Wire

/// Nothing was heard from the peer after something was sent.
struct PathDoubt: Sendable {
  let since: Timestamp
  /// A record that came by the current endpoint then or later ends the doubt; what is told of records may
  /// be late.
  let endsAt: Timestamp
  /// How long the current endpoint may take to answer before another is taken.
  let patience: Interval
  var interval: Interval
  var nextAt: Timestamp
  var isLost = false
}

extension PeerPath {
  /// Silence that raises doubt: so many round trips, within these bounds.
  static let doubtRoundTrips: Int64 = 3
  static let doubtBounds = Interval.milliseconds(300)...Interval.seconds(2)
  static let recheckLimit = Interval.milliseconds(500)
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
  ///
  /// - Parameter unheardSince: when what it left unanswered was sent; nil for now.
  mutating func mistrust(
    unheardSince: Timestamp? = nil, smoothed: Interval?, at now: Timestamp
  ) {
    let grace = Self.grace(smoothed)
    doubt =
      doubt
      ?? PathDoubt(
        since: now, endsAt: unheardSince ?? now, patience: grace, interval: grace,
        nextAt: now + grace)
  }

  /// There is no such way any more. If it was the current one, the peer is lost until another answers.
  mutating func forget(_ endpoint: Endpoint, at now: Timestamp) {
    proven.removeAll { $0.endpoint == endpoint }
    if tentative?.endpoint == endpoint { tentative = nil }
    guard endpoint == current else { return }
    doubt = PathDoubt(
      since: now, endsAt: .distantFuture, patience: .zero, interval: Self.grace(nil), nextAt: now,
      isLost: true)
  }

  enum DoubtStep: Equatable {
    case wait
    /// Challenge these; with `isLost`, tell that the peer is lost.
    case ask([Endpoint], isLost: Bool)
    /// Datagrams go there from now on.
    case moved(Endpoint)
  }

  /// The silence lasts.
  mutating func advanceDoubt(
    unheardSince: Timestamp? = nil, smoothed: Interval?, at now: Timestamp
  ) -> DoubtStep {
    guard var waiting = doubt else {
      mistrust(unheardSince: unheardSince, smoothed: smoothed, at: now)
      return .ask(allProven, isLost: false)
    }
    guard waiting.nextAt <= now else { return .wait }
    if let endpoint = settleDoubt(at: now) { return .moved(endpoint) }
    waiting.interval = min(waiting.interval * 2, Self.recheckLimit)
    waiting.nextAt = now + waiting.interval
    let isNewlyLost = !waiting.isLost && now - waiting.since >= Self.lostAfter
    if isNewlyLost { waiting.isLost = true }
    doubt = waiting
    return .ask(allProven, isLost: isNewlyLost)
  }

  /// Moves to the best endpoint that answered since the doubt began, once the current one has had
  /// the time to.
  mutating func settleDoubt(at now: Timestamp) -> Endpoint? {
    guard let doubt, now >= doubt.since + doubt.patience else { return nil }
    let answered = proven.filter { $0.at >= doubt.since && $0.endpoint != current }
    let best = answered.min {
      (PathClass($0.endpoint), $0.at) < (PathClass($1.endpoint), $1.at)
    }
    guard let best else { return nil }
    move(to: best.endpoint, at: now)
    return current
  }

  private static func grace(_ smoothed: Interval?) -> Interval {
    max((smoothed ?? doubtBounds.lowerBound) * 3 / 2, .milliseconds(50))
  }

  /// The current endpoint first.
  private var allProven: [Endpoint] {
    [current] + proven.map(\.endpoint).filter { $0 != current }
  }
}
