import IPv8Control
import IPv8Node
import IPv8Platform
import IPv8Store
import IPv8Wire

/// A reading of all paths, under way or done.
struct PathReading {
  struct Paths {
    /// The first added first.
    let contacts: [PathQualityReport]
    let engine: EngineStatus
    let relays: RelayBook
  }

  typealias Outcome = Result<Paths, ControlError>

  /// So old a reading is told again: readers, however many, cost the engine 20 readings a second.
  static let freshness = Interval.milliseconds(50)

  let at: Timestamp
  let outcome: Task<Outcome, Never>
}

extension DaemonBackend {
  func paths() async throws(ControlError) -> [PathQualityReport] {
    try await readings().contacts
  }

  private func readings() async throws(ControlError) -> PathReading.Paths {
    let now = SystemClock.now()
    if let last = pathReading, now - last.at < PathReading.freshness {
      return try await last.outcome.value.get()
    }
    let outcome = Task { await self.readPaths() }
    pathReading = PathReading(at: now, outcome: outcome)
    return try await outcome.value.get()
  }

  func path(_ query: PathQuery) async throws(ControlError) -> PathQualityReport {
    // What subscriptions ask takes no look into the store.
    if case .peer(.permID(let permID)) = query, let report = try await path(to: permID) {
      return report
    }
    let permID = try await peer(of: query)
    if case .socket(let socket) = query { try await requireListed(socket) }
    if let report = try await path(to: permID) { return report }
    // It was added or let in since the reading.
    pathReading = nil
    guard let report = try await path(to: permID) else {
      throw ControlError(.peerUnknown, "\(permID)")
    }
    return report
  }

  /// Of the last reading; nil where the peer was not known.
  private func path(to peer: PermID) async throws(ControlError) -> PathQualityReport? {
    let reading = try await readings()
    let text = "\(peer)"
    if let report = reading.contacts.first(where: { $0.permID == text }) { return report }
    guard let live = reading.engine.peers[peer], live.kind != .added else { return nil }
    return PathQualityReport(
      peer, name: "", live: live, relays: reading.relays, mtu: facts.mtu, at: reading.engine.now)
  }

  /// Whom it is about; a socket need not exist.
  func peer(of query: PathQuery) async throws(ControlError) -> PermID {
    switch query {
    case .peer(let selector): return try await livePeer(selector).permID
    case .socket(let socket):
      guard isOwn(socket.local.address) else {
        throw ControlError(.addressNotLocal, "\(socket.local.address)")
      }
      guard let selector = socket.peer else {
        throw ControlError(.peerUnknown, "\(socket.remote.address)")
      }
      return try await livePeer(selector).permID
    }
  }

  /// Refuses a socket that the kernel does not list.
  func requireListed(_ socket: LocalSocket) async throws(ControlError) {
    guard await sockets.holds(socket) else { throw ControlError(.socketUnknown, "\(socket)") }
  }

  private func isOwn(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let address): address == facts.aliases?.own
    case .v6(let address): address == facts.address.address
    }
  }

  private func readPaths() async -> PathReading.Outcome {
    do throws(ControlError) {
      let engine = try await engineStatus()
      let contacts = try stored { store throws(StoreError) in try store.contacts() }
      let relays = relayBook(engine, contacts)
      return .success(
        PathReading.Paths(
          contacts: contacts.map { quality(of: $0, engine, relays) }, engine: engine,
          relays: relays))
    } catch { return .failure(error) }
  }

  func relayBook(_ engine: EngineStatus, _ contacts: [StoredContact]) -> RelayBook {
    let named = contacts.map { ($0.permID, name(of: $0)) }.filter { !$0.1.isEmpty }
    return RelayBook(
      engine.peers, names: Dictionary(named, uniquingKeysWith: { first, _ in first }))
  }

  func quality(
    of contact: StoredContact, _ engine: EngineStatus, _ relays: RelayBook
  ) -> PathQualityReport {
    PathQualityReport(
      contact.permID, alias: contact.alias?.address, name: name(of: contact),
      live: engine.peers[contact.permID], relays: relays, mtu: facts.mtu, at: engine.now)
  }
}
