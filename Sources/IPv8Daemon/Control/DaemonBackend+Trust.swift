import IPv8Control
import IPv8Directory
import IPv8Records
import IPv8Store
import IPv8Wire

extension DaemonBackend {
  func trust(_ selector: PeerSelector) async throws(ControlError) -> TrustReport {
    let peer = try await anyPeer(selector)
    let explanation = try await answer { .explain(peer, $0) }
    let isBlocked = try stored { store throws(StoreError) in
      try store.blockedPeers().contains(peer)
    }
    let name = try name(of: peer)
    guard let explanation else {
      return TrustReport(
        permID: "\(peer)", name: name, standing: isBlocked ? "blocked" : "stranger",
        blocked: isBlocked)
    }
    return TrustReport(peer, name: name, explanation, isBlocked: isBlocked)
  }

  func friendPaths(
    _ selector: PeerSelector, count: Int
  ) async throws(ControlError) -> FriendPathsReport {
    let peer = try await anyPeer(selector)
    let paths = try await answer { .paths(peer, count: count, $0) }
    return FriendPathsReport(
      permID: "\(peer)", name: try name(of: peer), paths: paths.map { FriendPathsReport.Path($0) })
  }

  func friends() async throws(ControlError) -> FriendListReport {
    let own = permID
    let relations = try stored { store throws(StoreError) in try store.ownRelations(of: own) }
    let about = try await answer { .explain(own, $0) }?.received ?? []
    let mutual = Set(about.filter { $0.type == .friend && $0.strength > 0 }.map(\.signer))
    var friends: [FriendListReport.Friend] = []
    for relation in relations.map(\.record) where relation.type == .friend {
      guard relation.strength > 0 else { continue }
      friends.append(
        FriendListReport.Friend(
          permID: "\(relation.subject)", name: try name(of: relation.subject),
          strength: Double(relation.strength) / Double(RelationRecord.fullStrength),
          timestampMilliseconds: Int(clamping: relation.timestamp.milliseconds),
          mutual: mutual.contains(relation.subject)))
    }
    return FriendListReport(friends: friends)
  }

  func setBlocked(
    _ selector: PeerSelector, _ isBlocked: Bool
  ) async throws(ControlError) {
    let peer = try await anyPeer(selector)
    guard peer != permID else { throw ControlError(.peerIsSelf, "\(peer)") }
    let isTaken = try stored { store throws(StoreError) in try store.block(peer, isBlocked) }
    guard isTaken else { throw ControlError(.tooManyBlocked, "\(Store.blockedLimit)") }
    records.post(.block(peer, isBlocked))
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    if isBlocked {
      end(peer)
    } else if let contact = contacts.first(where: { $0.permID == peer }) {
      try install(contact)
    }
  }

  func blocked() async throws(ControlError) -> BlockListReport {
    let blocked = try stored { store throws(StoreError) in try store.blockedPeers() }
    return BlockListReport(blocked: blocked.sorted().map(\.description))
  }

  func admission() async throws(ControlError) -> AdmissionReport {
    let summary = try await answer { .summary($0) }
    return AdmissionReport(
      admit: summary.policy.rawValue, signers: summary.size.signers,
      bindings: summary.size.bindings, relations: summary.size.relations,
      connected: summary.size.connected)
  }

  func setAdmission(
    _ request: AdmissionRequest
  ) async throws(ControlError) -> AdmissionReport {
    guard let policy = AdmissionPolicy(rawValue: request.admit) else {
      throw ControlError(.admissionInvalid, request.admit)
    }
    try stored { store throws(StoreError) in try store.setSetting(.admit, to: policy.rawValue) }
    records.post(.setPolicy(policy))
    return try await admission()
  }

  // MARK: Peers that need not be contacts

  func anyPeer(_ selector: PeerSelector) async throws(ControlError) -> PermID {
    switch selector {
    case .permID(let permID): return permID
    case .overlay(let address):
      if let owner = try await answer({ .owner(address, $0) }) { return owner }
    case .alias, .name: break
    }
    return try find(selector).permID
  }

  private func name(of peer: PermID) throws(ControlError) -> String {
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    return contacts.first { $0.permID == peer }.map { name(of: $0) } ?? ""
  }

  private func answer<Value: Sendable>(
    _ make: sending (Reply<Value>) -> RecordsMessage
  ) async throws(ControlError) -> Value {
    guard let value = await records.ask(make) else {
      throw ControlError(.internalError, "the records thread does not answer")
    }
    return value
  }
}

extension TrustReport {
  init(_ peer: PermID, name: String, _ explanation: TrustExplanation, isBlocked: Bool) {
    self.init(
      permID: "\(peer)", name: name, standing: explanation.standing.name,
      scores: explanation.scores, reach: explanation.reach,
      bridge: explanation.bridge.map { "\($0)" }, bridgeShare: explanation.bridgeShare,
      paths: explanation.paths.map {
        Path(
          peers: $0.peers.map(\.description), share: $0.share, weakest: Edge($0.weakest))
      }, friendHops: explanation.friendHops,
      received: explanation.received.map { Relation($0) },
      given: explanation.given.map { Relation($0) },
      contradiction: explanation.contradiction.map(Self.hexadecimal), rank: explanation.rank,
      blocked: isBlocked)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

extension TrustReport.Edge {
  init(_ edge: TrustEdge) {
    self.init(signer: "\(edge.signer)", subject: "\(edge.subject)", weight: Int(edge.weight))
  }
}

extension TrustReport.Relation {
  init(_ relation: TrustRelation) {
    self.init(
      signer: "\(relation.signer)", subject: "\(relation.subject)",
      type: Int(relation.type.rawValue), strength: Int(relation.strength),
      timestampMilliseconds: Int(clamping: relation.timestamp.milliseconds),
      score: relation.score)
  }
}

extension FriendPathsReport.Path {
  init(_ path: NamedFriendshipPath) {
    self.init(
      kind: path.kind.rawValue, peers: path.peers.map(\.description),
      weakest: TrustReport.Edge(path.weakest), proven: path.isProven)
  }
}

extension Standing {
  var name: String {
    switch self {
    case .own: "own"
    case .added: "added"
    case .trusted: "trusted"
    case .stranger: "stranger"
    case .blocked: "blocked"
    }
  }
}
