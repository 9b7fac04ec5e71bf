import IPv8Wire

/// Gives out the numbers by which peers are known to the data plane, the smallest that is free.
///
/// A number of a peer that is gone rests for a minute: what others still say of it finds nobody.
struct PeerNumbers: Sendable {
  static let rest = Interval.seconds(60)

  private var next = 0
  /// In the order in which they were returned.
  private var returned: [(index: PeerIndex, at: Timestamp)] = []

  mutating func take(at now: Timestamp) -> PeerIndex {
    if let first = returned.first, now - first.at >= Self.rest {
      returned.removeFirst()
      return first.index
    }
    next += 1
    return PeerIndex(next - 1)
  }

  mutating func giveBack(_ index: PeerIndex, at now: Timestamp) { returned.append((index, now)) }
}
