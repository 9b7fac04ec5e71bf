import IPv8Wire

/// What came since peers were told last, and from whom.
struct NewsState: Sendable {
  private enum Source: Sendable {
    case nobody
    case peer(PermID)
    case several
  }

  private var sources: [Source] = Array(repeating: .nobody, count: SyncScope.allCases.count)

  mutating func note(_ scope: SyncScope, from source: RecordSource) {
    let place = Int(scope.rawValue)
    switch (sources[place], source) {
    case (.nobody, .peer(let peer)): sources[place] = .peer(peer)
    case (.peer(let known), .peer(let peer)) where known == peer: break
    default: sources[place] = .several
    }
  }

  /// Scopes with news, and the one peer from which all of them came.
  mutating func take() -> [(scope: SyncScope, source: PermID?)] {
    var taken: [(scope: SyncScope, source: PermID?)] = []
    for scope in SyncScope.allCases {
      switch sources[Int(scope.rawValue)] {
      case .nobody: continue
      case .peer(let peer): taken.append((scope, peer))
      case .several: taken.append((scope, nil))
      }
      sources[Int(scope.rawValue)] = .nobody
    }
    return taken
  }
}
