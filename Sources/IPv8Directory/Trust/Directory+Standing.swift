import IPv8Crypto
import IPv8Trust
import IPv8Wire

/// A ``Standing`` without the score.
enum StandingClass: Sendable {
  case own, added, trusted, stranger, blocked

  init(_ standing: Standing) {
    self =
      switch standing {
      case .own: .own
      case .added: .added
      case .trusted: .trusted
      case .stranger: .stranger
      case .blocked: .blocked
      }
  }
}

extension Directory {
  public func standing(of peer: PermID) -> Standing {
    guard peer != own else { return .own }
    guard let number = table[peer] else { return .stranger }
    let flags = table.rows[Int(number)].flags
    if flags.contains(.blocked) { return .blocked }
    if flags.contains(.contact) { return .added }
    if flags.contains(.deceitful) { return .blocked }
    let score = trust.isReached(number) ? trust.score(number) : 0
    let isNear = trust.horizon[number].map { $0 <= settings.friendHops } ?? false
    return isNear || (score > 0 && score >= settings.trustThreshold) ? .trusted(score) : .stranger
  }

  /// Whether the admission policy lets the peer exchange packets with this host.
  public func admits(_ peer: PermID) -> Bool {
    switch standing(of: peer) {
    case .own, .added: true
    case .trusted: settings.admission != .added
    case .stranger: settings.admission == .anyone
    case .blocked: false
    }
  }

  /// The MeritRank score, 0 to 1.
  public func score(of peer: PermID) -> Double {
    guard let number = table[peer], trust.isReached(number) else { return peer == own ? 1 : 0 }
    return trust.score(number)
  }

  /// Up to `count` connected contacts, the most trusted first: whom to name as rendezvous.
  public func rendezvous(_ count: Int = 3) -> [OverlayAddress] {
    let open = links.connected.map { links.peer($0) }.filter {
      table[$0].map { contacts.contains($0) } ?? false
    }
    return ranked(open).prefix(count).map { OverlayAddress(of: $0) }
  }

  /// The best score first, of equals the lower PermID.
  func ranked(_ peers: [PermID]) -> [PermID] {
    peers.map { ($0, score(of: $0)) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
  }
}
