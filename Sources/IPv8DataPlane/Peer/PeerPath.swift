import IPv8Wire

/// Where one peer's datagrams go, and how that changes (docs/protocol: paths).
///
/// Rules:
/// - There is one current endpoint. Others that answered a challenge from where it was sent to are
///   proven, and kept.
/// - Following. A newest authentic record from elsewhere that carries data, or says that the peer is
///   there now, makes that endpoint tentative: we send there at once, but no more bytes than
///   came from it, challenges and all; the challenge's return makes it current. A newer record
///   from the current endpoint (after it said that it is elsewhere: one that carries data), or three
///   seconds without a return, ends the attempt: a copied datagram sent from elsewhere diverts us
///   for at most that long.
/// - Data by a worse way (``PathClass``) is not followed, nor are mere probes, while the current one is
///   alive. So both sides may probe as they like, and each may use a way of its own for a while. Who
///   left a way, because another is better or this one is silent, says so by the new one.
/// - Choosing. A proven endpoint of a better class becomes current at once; within a class it does
///   for the peer with the greater overlay address alone, and only if it was clearly faster twice.
/// - Doubt. Something was sent and nothing heard for three round trips (300 ms to 2 s): the current
///   and all proven endpoints are challenged at once, then at doubled intervals up to 500 ms. The old
///   path is kept until another answers, and has 1.5 round trips to answer itself. After 1 s
///   without any answer the peer is lost.
struct PeerPath: Sendable {
  static let challengeInterval = Interval.milliseconds(500)
  /// Of a tentative endpoint's allowance, what data leaves to the challenge: one record's bytes.
  static let challengeByteCount = 64
  static let patience = Interval.seconds(3)
  /// A path is alive for so long after a record came by it.
  static let aliveTime = Interval.seconds(1)

  struct Tentative: Sendable {
    let endpoint: Endpoint
    let token: UInt64
    /// What made us follow.
    let sign: Sign
    let since: Timestamp
    var challengedAt: Timestamp?
    var receivedBytes: Int
    var sentBytes = 0
  }

  /// What a record says of where its sender is.
  enum Sign {
    case probe, data
    /// That it is there now.
    case here
  }

  var current: Endpoint {
    didSet {
      changeMTU(from: oldValue)
      plaintextLimit = freshPlaintextLimit
    }
  }
  /// The one before it, until ``takeLeft()``.
  private var left: Endpoint?
  var tentative: Tentative? {
    didSet { plaintextLimit = freshPlaintextLimit }
  }
  var proven: [ProvenEndpoint] = []
  var doubt: PathDoubt?
  /// When a record last came by the current endpoint.
  var heardAt: Timestamp?
  /// When proven endpoints of a better class are asked again.
  var upgradeAt = Timestamp.distantFuture
  /// Whether choosing within a class is ours.
  let isChooser: Bool
  /// What the current way takes; nil where every way takes everything.
  var mtu: PathMTUSearch? {
    get { search.first }
    set { if let newValue { search = [newValue] } else { search = [] } }
  }
  /// One or none. Elsewhere, as it is large and each packet looks at this value.
  private var search: [PathMTUSearch] = []
  var known: [KnownPathMTU] = []
  /// Plaintexts up to so many bytes leave as they are: what each record is compared with.
  var plaintextLimit = Int.max

  /// - Parameter largestRecord: the longest record that this host has for anyone; nil where every way
  ///   takes everything.
  init(_ endpoint: Endpoint, isChooser: Bool = true, largestRecord: Int? = nil) {
    current = endpoint
    self.isChooser = isChooser
    mtu = largestRecord.map { PathMTUSearch(maximum: $0, isTrusted: true) }
    plaintextLimit = freshPlaintextLimit
  }

  // MARK: Sending

  /// The endpoint for a datagram of `byteCount`, which counts against a tentative one's allowance.
  mutating func destination(for byteCount: Int) -> Endpoint {
    guard let endpoint = tentative?.endpoint,
      admits(byteCount, to: endpoint, leaving: Self.challengeByteCount)
    else { return current }
    return endpoint
  }

  /// Whether a datagram of `byteCount` may go to `endpoint`; one to a tentative endpoint takes its
  /// share of the allowance, of which it must leave so many bytes.
  mutating func admits(_ byteCount: Int, to endpoint: Endpoint, leaving rest: Int = 0) -> Bool {
    guard let attempt = tentative, attempt.endpoint == endpoint else { return true }
    let sum = attempt.sentBytes + byteCount
    guard sum + rest <= attempt.receivedBytes else { return false }
    tentative?.sentBytes = sum
    return true
  }

  // MARK: Following

  /// Authentic records came from `source`. Returns whether a challenge with ``Tentative/token`` must
  /// go there.
  ///
  /// - Parameters:
  ///   - newest: no record had a higher counter than the last of them.
  ///   - sign: the most that they say of where the peer is.
  ///   - last: when the last of them came, which may be a while ago.
  mutating func heard(
    from source: Endpoint, byteCount: Int, newest: Bool, sign: Sign, last: Timestamp,
    at now: Timestamp,
    token: @autoclosure () -> UInt64
  ) -> Bool {
    if source == current {
      heardAt = last
      if let doubt, last >= doubt.endsAt { self.doubt = nil }
      // Who says that it is elsewhere may still answer what we ask by the old way.
      if newest, tentative?.sign != .here || sign != .probe { tentative = nil }
      return false
    }
    if source == tentative?.endpoint {
      tentative?.receivedBytes += byteCount
      return false
    }
    guard newest, follows(source, sign, at: now) else { return false }
    tentative = Tentative(
      endpoint: source, token: token(), sign: sign, since: now,
      receivedBytes: byteCount)
    return true
  }

  private func follows(_ source: Endpoint, _ sign: Sign, at now: Timestamp) -> Bool {
    let isAlive = doubt == nil && heardAt.map { now - $0 < Self.aliveTime } ?? false
    guard isAlive else { return true }
    return sign == .here || sign == .data && PathClass(source) <= PathClass(current)
  }

  /// The tentative endpoint's challenge came back. Returns the new current endpoint if it was that.
  mutating func returned(_ token: UInt64, at now: Timestamp) -> Endpoint? {
    guard let attempt = tentative, attempt.token == token else { return nil }
    move(to: attempt.endpoint, at: now)
    return current
  }

  /// Datagrams go to `endpoint` from now on.
  mutating func move(to endpoint: Endpoint, at now: Timestamp) {
    if endpoint != current { left = left ?? current }
    current = endpoint
    heardAt = now
    tentative = nil
    doubt = nil
    upgradeAt = now + Self.upgradeInterval
    note(endpoint, at: now)
  }

  /// Where datagrams went before, if that has changed since the last call.
  mutating func takeLeft() -> Endpoint? {
    defer { left = nil }
    return left
  }

  /// A new session opened at `endpoint`. A path that is alive and no worse is kept.
  mutating func opened(at endpoint: Endpoint, now: Timestamp) {
    let isAlive = doubt == nil && heardAt.map { now - $0 < Self.patience } ?? false
    guard isAlive, PathClass(current) <= PathClass(endpoint) else {
      move(to: endpoint, at: now)
      return
    }
    note(endpoint, at: now)
  }

  // MARK: Time

  /// When ``advance(to:)`` or ``upgradesDue(isInUse:at:)`` has something to do.
  var nextDeadline: Timestamp? {
    let attempt = tentative.map {
      min($0.challengedAt.map { $0 + Self.challengeInterval } ?? $0.since, $0.since + Self.patience)
    }
    return [attempt, hasBetter ? upgradeAt : nil, mtuDeadline].compactMap { $0 }.min()
  }

  /// Returns where to send the tentative endpoint's challenge, the first time or again, if it is time to.
  mutating func advance(to now: Timestamp) -> (endpoint: Endpoint, token: UInt64)? {
    guard let attempt = tentative else { return nil }
    if now - attempt.since >= Self.patience {
      tentative = nil
      return nil
    }
    if let last = attempt.challengedAt, now - last < Self.challengeInterval { return nil }
    tentative?.challengedAt = now
    return (attempt.endpoint, attempt.token)
  }
}

/// How good a way is by its nature; the smaller the better.
enum PathClass: Int, Comparable {
  case direct, relay, stream

  init(_ endpoint: Endpoint) {
    guard endpoint.isReserved else {
      self = .direct
      return
    }
    switch endpoint.carrier {
    case nil, .socket: self = .direct
    case .relay: self = .relay
    case .stream: self = .stream
    }
  }

  static func < (a: PathClass, b: PathClass) -> Bool { a.rawValue < b.rawValue }
}
