import IPv8Crypto
import IPv8Wire

/// What was learnt of a way that is not the current one.
struct KnownPathMTU: Sendable {
  let endpoint: Endpoint
  let search: PathMTUSearch
}

extension PeerPath {
  /// Bytes of a record that are not its plaintext.
  static let recordOverhead = DatagramKind.recordPrefix + AEADSuite.tagByteCount

  /// The longest plaintext that may leave as one record without a thought.
  var freshPlaintextLimit: Int {
    guard let mtu, PathClass(current) != .stream else { return .max }
    guard mtu.isBegun else { return PathMTUSearch.minimum - Self.recordOverhead }
    return recordLimit - Self.recordOverhead
  }

  /// Bytes of the records that data may take; a way that is not proven yet is trusted with less.
  private var recordLimit: Int {
    guard let mtu, PathClass(current) != .stream else { return .max }
    return tentative == nil ? mtu.size : min(mtu.size, PathMTUSearch.base)
  }

  /// Bytes of the IP packets that cross unfragmented; nil where any do.
  var innerMTU: Int? {
    mtu == nil || PathClass(current) == .stream ? nil : recordLimit - Self.recordOverhead - 1
  }

  /// Bytes of the IP packets that a connection may count on that begins now: before the way has answered, all
  /// that it is asked for, as the connection would keep less for ever, and what it sends meanwhile is
  /// fragmented where need be.
  var lastingMTU: Int? {
    guard let mtu, tentative == nil, mtu.isUnrefuted else { return innerMTU }
    return mtu.maximum - Self.recordOverhead - 1
  }

  /// Whether ``innerMTU`` is more than a guess.
  var isMTUSettled: Bool { tentative == nil && mtu?.isSettled ?? true }

  /// When the search has something to do; while the peer may be elsewhere it waits.
  var mtuDeadline: Timestamp? {
    guard PathClass(current) != .stream, let due = mtu?.nextDeadline else { return nil }
    return tentative.map { max(due, $0.since + Self.patience) } ?? due
  }

  mutating func beginMTU(at now: Timestamp, _ tokens: PathMTUSearch.Tokens) {
    guard PathClass(current) != .stream else { return }
    mtu?.begin(at: now, tokens)
    plaintextLimit = freshPlaintextLimit
  }

  mutating func suspectMTU(at now: Timestamp, _ tokens: PathMTUSearch.Tokens) {
    guard PathClass(current) != .stream else { return }
    mtu?.suspect(at: now, tokens)
  }

  mutating func answeredMTU(_ answer: UInt64, at now: Timestamp, _ tokens: PathMTUSearch.Tokens)
    -> Bool
  {
    guard mtu?.answered(answer, at: now, tokens) == true else { return false }
    plaintextLimit = freshPlaintextLimit
    return true
  }

  mutating func refusedMTU(_ byteCount: Int, at now: Timestamp, _ tokens: PathMTUSearch.Tokens) {
    mtu?.refused(byteCount, at: now, tokens)
    plaintextLimit = freshPlaintextLimit
  }

  /// The probe that must leave now.
  mutating func advanceMTU(
    to now: Timestamp, smoothed: Interval?, _ tokens: PathMTUSearch.Tokens
  ) -> PathMTUSearch.Probe? {
    guard let deadline = mtuDeadline, deadline <= now, tentative == nil else { return nil }
    let probe = mtu?.advance(to: now, smoothed: smoothed, tokens)
    plaintextLimit = freshPlaintextLimit
    return probe
  }

  /// The current endpoint was `former`: a way known from before keeps what was learnt of it.
  mutating func changeMTU(from former: Endpoint) {
    guard let old = mtu, former != current else { return }
    known.removeAll { $0.endpoint == former }
    if old.confirmed > 0 {
      if known.count == Self.provenLimit { known.removeFirst() }
      var kept = old
      kept.suspend()
      known.append(KnownPathMTU(endpoint: former, search: kept))
    }
    mtu =
      known.first { $0.endpoint == current }?.search
      ?? PathMTUSearch(maximum: old.maximum, isTrusted: false)
  }

  /// This host's network changed: ways to the same endpoints may take less, or more, than was learnt.
  ///
  /// - Returns: whether a search had begun, which now must begin anew.
  mutating func forgetMTU() -> Bool {
    known = []
    guard let old = mtu else { return false }
    mtu = PathMTUSearch(maximum: old.maximum, isTrusted: false)
    plaintextLimit = freshPlaintextLimit
    return old.isBegun
  }
}

extension PeerPath {
  /// What is reported; nil where any size crosses.
  var pathMTU: LanePathMTU? {
    guard let inner = innerMTU else { return nil }
    return LanePathMTU(inner: inner, outer: recordLimit + outerOverhead, isSettled: isMTUSettled)
  }

  /// Bytes of IP and UDP headers, and of a relay's prefix; of relays by IPv4.
  private var outerOverhead: Int {
    let prefix = PathClass(current) == .relay ? DatagramKind.relayPrefix : 0
    if case .v6 = current.address, !current.isReserved { return prefix + 48 }
    return prefix + 28
  }
}
