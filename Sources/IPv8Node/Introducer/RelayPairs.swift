import IPv8Wire
import P2TP

/// For whom this host relays.
public enum RelayPolicy: String, Sendable, CaseIterable {
  case off
  /// Contacts that the user added.
  case friends
  /// Those, and peers let in because they are trusted.
  case trusted
}

/// Two peers whose datagrams this host may pass on to each other.
struct RelayPair: Sendable, Equatable {
  struct End: Sendable, Equatable {
    let peer: PeerIndex
    /// What datagrams from and to this end bear.
    let tag: RelayTag
    /// Where it is, as its links say; nil while they are not set.
    var endpoint: Endpoint?
  }

  var first: End
  var second: End
  /// Both ends have agreed.
  var isActive = false
  var renewedAt: Timestamp

  func has(_ peer: PeerIndex) -> Bool { first.peer == peer || second.peer == peer }
  func end(of peer: PeerIndex) -> End { first.peer == peer ? first : second }
  func other(than peer: PeerIndex) -> End { first.peer == peer ? second : first }

  mutating func move(_ peer: PeerIndex, to endpoint: Endpoint?) {
    if first.peer == peer { first.endpoint = endpoint } else { second.endpoint = endpoint }
  }

  /// Both directions, once both endpoints are known.
  var links: [RelayLink] {
    guard isActive, let source = first.endpoint, let target = second.endpoint else { return [] }
    return [
      Self.link(from: source, first.tag, to: target, second.tag),
      Self.link(from: target, second.tag, to: source, first.tag),
    ]
  }

  private static func link(
    from source: Endpoint, _ tag: RelayTag, to target: Endpoint, _ onwardTag: RelayTag
  ) -> RelayLink {
    RelayLink(
      source: source, tag: tag,
      target: .onward(target, tag: onwardTag, bytesPerSecond: RelayPairs.bytesPerSecond))
  }
}

/// The pairs that this host relays for.
///
/// Rules:
/// - a tag is random and in use once;
/// - a pair is made when one asks for the other, and used once both agreed;
/// - it ends when either is gone, on release, and when nobody asked for it anew in its lifetime;
/// - where there is no room, who asks gets an introduction without a relay.
struct RelayPairs: Sendable {
  /// In all, and of one peer.
  static let limit = 1_024
  static let peerLimit = 128
  static let lifetime = Interval.seconds(1_500)
  /// What one direction of a pair may carry: ten million bits a second.
  static let bytesPerSecond: UInt32 = 1_250_000

  private struct Key: Hashable {
    let low: Int
    let high: Int

    init(_ a: PeerIndex, _ b: PeerIndex) {
      low = min(a.value, b.value)
      high = max(a.value, b.value)
    }
  }

  private var pairs: [Key: RelayPair] = [:]
  private var tags: [RelayTag: Key] = [:]

  var count: Int { pairs.count }
  var all: [RelayPair] {
    pairs.sorted { ($0.key.low, $0.key.high) < ($1.key.low, $1.key.high) }.map(\.value)
  }

  subscript(a: PeerIndex, b: PeerIndex) -> RelayPair? { pairs[Key(a, b)] }

  /// The pair of `a` and `b`, made where there is room; its lifetime begins anew.
  ///
  /// - Parameter draw: fresh random bits.
  mutating func renew(
    _ a: PeerIndex, _ b: PeerIndex, at now: Timestamp, draw: () -> UInt64
  ) -> RelayPair? {
    let key = Key(a, b)
    if pairs[key] != nil {
      pairs[key]?.renewedAt = now
      return pairs[key]
    }
    guard pairs.count < Self.limit, [a, b].allSatisfy({ pairCount($0) < Self.peerLimit }) else {
      return nil
    }
    let first = newTag(key, draw)
    let second = newTag(key, draw)
    let pair = RelayPair(
      first: .init(peer: a, tag: first), second: .init(peer: b, tag: second), renewedAt: now)
    pairs[key] = pair
    return pair
  }

  private mutating func newTag(_ key: Key, _ draw: () -> UInt64) -> RelayTag {
    while true {
      let bits = UInt32(truncatingIfNeeded: draw()) & RelayTag.mask
      if let tag = RelayTag(bits), tags[tag] == nil {
        tags[tag] = key
        return tag
      }
    }
  }

  private func pairCount(_ peer: PeerIndex) -> Int {
    pairs.keys.count { $0.low == peer.value || $0.high == peer.value }
  }

  /// Both agreed, at these endpoints. Returns what was there and what is there now.
  mutating func activate(
    _ a: PeerIndex, at first: Endpoint, _ b: PeerIndex, at second: Endpoint
  ) -> (before: RelayPair, after: RelayPair)? {
    guard let before = pairs[Key(a, b)] else { return nil }
    var after = before
    after.isActive = true
    after.move(a, to: first)
    after.move(b, to: second)
    pairs[Key(a, b)] = after
    return (before, after)
  }

  /// A peer is at another endpoint. Returns each of its active pairs as it was and as it is.
  mutating func move(
    _ peer: PeerIndex, to endpoint: Endpoint
  ) -> [(before: RelayPair, after: RelayPair)] {
    var changed: [(before: RelayPair, after: RelayPair)] = []
    for before in all where before.isActive && before.has(peer) {
      var after = before
      after.move(peer, to: endpoint)
      guard after != before else { continue }
      pairs[Key(before.first.peer, before.second.peer)] = after
      changed.append((before, after))
    }
    return changed
  }

  /// Removes the pair in which `peer` has `tag`.
  mutating func release(_ tag: RelayTag, by peer: PeerIndex) -> RelayPair? {
    guard let key = tags[tag], let pair = pairs[key], pair.has(peer),
      pair.end(of: peer).tag == tag
    else { return nil }
    remove(pair)
    return pair
  }

  mutating func removeAll(of peer: PeerIndex) -> [RelayPair] {
    removeAll { $0.has(peer) }
  }

  mutating func expire(at now: Timestamp) -> [RelayPair] {
    removeAll { now - $0.renewedAt >= Self.lifetime }
  }

  mutating func removeAll(_ isOver: (RelayPair) -> Bool = { _ in true }) -> [RelayPair] {
    let removed = all.filter(isOver)
    for pair in removed { remove(pair) }
    return removed
  }

  var nextExpiry: Timestamp {
    pairs.values.map(\.renewedAt).min().map { $0 + Self.lifetime } ?? .distantFuture
  }

  private mutating func remove(_ pair: RelayPair) {
    pairs[Key(pair.first.peer, pair.second.peer)] = nil
    tags[pair.first.tag] = nil
    tags[pair.second.tag] = nil
  }
}
