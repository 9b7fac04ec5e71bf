import IPv8Wire

/// Introductions that an introducer handed on and that wait for the callee's word.
struct PendingIntroductions: Sendable {
  /// In all, and of one caller; more are refused.
  static let limit = 512
  static let callerLimit = 32
  static let lifetime = Interval.seconds(5)

  private struct Key: Hashable {
    let callee: PeerIndex
    let id: IntroductionID
  }

  private struct Entry {
    let caller: PeerIndex
    let end: Timestamp
  }

  private var entries: [Key: Entry] = [:]

  var count: Int { entries.count }

  /// False where there is no room, or the callee has one with this id.
  mutating func add(
    _ id: IntroductionID, from caller: PeerIndex, to callee: PeerIndex, at now: Timestamp
  ) -> Bool {
    if entries.values.count(where: { $0.caller == caller }) >= Self.callerLimit
      || entries.count >= Self.limit
    {
      entries = entries.filter { $0.value.end > now }
    }
    let key = Key(callee: callee, id: id)
    guard entries.count < Self.limit,
      entries.values.count(where: { $0.caller == caller }) < Self.callerLimit,
      entries[key].map({ $0.end <= now }) ?? true
    else { return false }
    entries[key] = Entry(caller: caller, end: now + Self.lifetime)
    return true
  }

  /// The caller whom `callee` answers, once; nil where it was not asked, or too long ago.
  mutating func take(
    _ id: IntroductionID, answeredBy callee: PeerIndex, at now: Timestamp
  ) -> PeerIndex? {
    guard let entry = entries.removeValue(forKey: Key(callee: callee, id: id)) else { return nil }
    return entry.end > now ? entry.caller : nil
  }

  mutating func forget(_ peer: PeerIndex) {
    entries = entries.filter { $0.key.callee != peer && $0.value.caller != peer }
  }
}
