import IPv8Wire

/// Where a peer answered a challenge.
struct ProvenEndpoint: Sendable {
  let endpoint: Endpoint
  var at: Timestamp
  /// What the answer took; nil where the peer was followed there.
  var roundTrip: Interval?
  /// Times in a row that it was clearly faster than the current one.
  var wins = 0
}

extension PeerPath {
  /// Kept at most; beyond it the one that was proven the longest ago goes.
  static let provenLimit = 16
  /// Proven endpoints of a better class are asked again so often while the current one is in use.
  static let upgradeInterval = Interval.seconds(10)
  /// How much faster another endpoint of the same class must be: so long, and by a fifth.
  static let advantage = Interval.milliseconds(5)

  mutating func note(
    _ endpoint: Endpoint, roundTrip: Interval? = nil, at now: Timestamp
  ) {
    if let place = proven.firstIndex(where: { $0.endpoint == endpoint }) {
      proven[place].at = now
      proven[place].roundTrip = roundTrip ?? proven[place].roundTrip
      return
    }
    if proven.count == Self.provenLimit,
      let oldest = proven.indices.min(by: { proven[$0].at < proven[$1].at })
    {
      proven.remove(at: oldest)
    }
    proven.append(ProvenEndpoint(endpoint: endpoint, at: now, roundTrip: roundTrip))
  }

  /// A challenge sent to `endpoint` was answered from there after `roundTrip`. Returns the new
  /// current endpoint if that changes it.
  ///
  /// - Parameter smoothed: the round trip by the current endpoint.
  mutating func proved(
    _ endpoint: Endpoint, roundTrip: Interval, smoothed: Interval?, at now: Timestamp
  ) -> Endpoint? {
    note(endpoint, roundTrip: roundTrip, at: now)
    guard endpoint != current else { return nil }
    if doubt != nil { return settleDoubt(at: now) }
    guard isBetter(endpoint, roundTrip, smoothed) else { return nil }
    move(to: endpoint, at: now)
    return current
  }

  private mutating func isBetter(
    _ endpoint: Endpoint, _ roundTrip: Interval, _ smoothed: Interval?
  ) -> Bool {
    let (new, old) = (PathClass(endpoint), PathClass(current))
    guard new == old else { return new < old }
    guard isChooser, let smoothed,
      let place = proven.firstIndex(where: { $0.endpoint == endpoint })
    else { return false }
    let isFaster =
      roundTrip + Self.advantage < smoothed && roundTrip * 5 < smoothed * 4
    proven[place].wins = isFaster ? proven[place].wins + 1 : 0
    return proven[place].wins >= 2
  }

  var hasBetter: Bool {
    proven.contains { PathClass($0.endpoint) < PathClass(current) }
  }

  /// Proven endpoints of a better class, when it is time to ask them again.
  mutating func upgradesDue(isInUse: Bool, at now: Timestamp) -> [Endpoint] {
    guard upgradeAt <= now else { return [] }
    upgradeAt = now + Self.upgradeInterval
    guard isInUse else { return [] }
    return proven.map(\.endpoint).filter { PathClass($0) < PathClass(current) }
  }
}
