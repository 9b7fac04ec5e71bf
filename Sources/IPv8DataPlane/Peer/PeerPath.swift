import IPv8Wire

/// Where one peer's datagrams go, and how that changes (protocol D13).
///
/// Rules:
/// - The newest authentic record from another endpoint makes that endpoint tentative: we send there
///   at once, but no more than three times what came from it, challenges and all.
/// - The challenge's return makes it the current endpoint.
/// - The newest record from the current endpoint, or three seconds without a return, ends the
///   attempt: a copied datagram sent from elsewhere diverts us for at most that long.
struct PeerPath: Sendable {
  static let amplificationLimit = 3
  static let challengeInterval = Interval.milliseconds(500)
  static let patience = Interval.seconds(3)

  struct Tentative: Sendable {
    let endpoint: Endpoint
    let token: UInt64
    let since: Timestamp
    var challengedAt: Timestamp
    var receivedBytes: Int
    var sentBytes = 0
  }

  private(set) var current: Endpoint
  private(set) var tentative: Tentative?

  init(_ endpoint: Endpoint) { current = endpoint }

  /// The endpoint for a datagram of `byteCount`, which counts against a tentative one's allowance.
  mutating func destination(for byteCount: Int) -> Endpoint {
    guard let endpoint = tentative?.endpoint, admits(byteCount, to: endpoint) else {
      return current
    }
    return endpoint
  }

  /// Whether a datagram of `byteCount` may go to `endpoint`; one to a tentative endpoint takes its
  /// share of the allowance.
  mutating func admits(_ byteCount: Int, to endpoint: Endpoint) -> Bool {
    guard let attempt = tentative, attempt.endpoint == endpoint else { return true }
    let sum = attempt.sentBytes + byteCount
    guard sum <= Self.amplificationLimit * attempt.receivedBytes else { return false }
    tentative?.sentBytes = sum
    return true
  }

  /// An authentic record came from `source`. Returns whether a challenge with ``Tentative/token``
  /// must go there.
  mutating func heard(
    from source: Endpoint, byteCount: Int, newest: Bool, at now: Timestamp,
    token: @autoclosure () -> UInt64
  ) -> Bool {
    if source == tentative?.endpoint {
      tentative?.receivedBytes += byteCount
      return false
    }
    guard newest else { return false }
    if source == current {
      tentative = nil
      return false
    }
    tentative = Tentative(
      endpoint: source, token: token(), since: now, challengedAt: now, receivedBytes: byteCount)
    return true
  }

  /// A challenge of ours came back. Returns the new current endpoint if it was the attempt's.
  mutating func returned(_ token: UInt64) -> Endpoint? {
    guard let attempt = tentative, attempt.token == token else { return nil }
    current = attempt.endpoint
    tentative = nil
    return current
  }

  var nextDeadline: Timestamp? {
    tentative.map { min($0.challengedAt + Self.challengeInterval, $0.since + Self.patience) }
  }

  /// Returns where to repeat the challenge, if it is time to.
  mutating func advance(to now: Timestamp) -> (endpoint: Endpoint, token: UInt64)? {
    guard let attempt = tentative else { return nil }
    if now - attempt.since >= Self.patience {
      tentative = nil
      return nil
    }
    guard now - attempt.challengedAt >= Self.challengeInterval else { return nil }
    tentative?.challengedAt = now
    return (attempt.endpoint, attempt.token)
  }
}
