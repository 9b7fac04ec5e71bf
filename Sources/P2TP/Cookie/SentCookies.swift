import IPv8Wire

/// The last cookies sent to one address, by which a host that keeps state recognises its own
/// exactly and measures the round trip to the microsecond (protocol §1.3).
struct SentCookies: Sendable {
  static let limit = 8
  private var sent: [(value: UInt32, at: Timestamp)] = []

  mutating func note(_ value: UInt32, at now: Timestamp) {
    if sent.count == Self.limit { sent.removeFirst() }
    sent.append((value, now))
  }

  /// When `value` was sent; nil where it was not, or too long ago.
  func sentTime(of value: UInt32, at now: Timestamp) -> Timestamp? {
    guard let match = sent.last(where: { $0.value == value }),
      now - match.at <= CookieIssuer.lifetime
    else { return nil }
    return match.at
  }
}
