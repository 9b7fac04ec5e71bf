import IPv8Control
import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Records
import IPv8Store
import IPv8Wire
import Logging

/// Answers the control API: keeps the store, the kernel's routes and the engine in step.
actor DaemonBackend: ControlBackend {
  let permID: PermID
  let facts: DaemonFacts
  private let store: Store
  let recordStore: RecordStore
  let signer: RelationSigner
  let inbox: EngineInbox
  let records: RecordsInbox
  private let logger: Logger
  private var interface: OverlayInterface
  private var aliases: AliasBook?
  private var names: [PermID: String] = [:]
  /// The last one, for whoever asks soon after.
  var pathReading: PathReading?
  let sockets = SocketReader()

  init(
    identity: IdentityKey, facts: DaemonFacts, store: Store,
    recordStore: RecordStore, interface: consuming OverlayInterface, inbox: EngineInbox,
    records: RecordsInbox, logger: Logger
  ) {
    permID = identity.permID
    signer = RelationSigner(identity, store)
    self.facts = facts
    self.store = store
    self.recordStore = recordStore
    self.interface = interface
    self.inbox = inbox
    self.records = records
    self.logger = logger
    aliases = facts.aliases
  }

  /// Gives the engine and the kernel the contacts that the store knows; once, at the start.
  func loadContacts() throws(ControlError) {
    // Our own row first, so that our own record has a place to be kept.
    try stored { store throws(StoreError) in
      try store.addPeer(permID, address: facts.address, now: SystemClock.wallTime())
    }
    let blocked = try stored { store throws(StoreError) in try store.blockedPeers() }
    for contact in try stored({ store throws(StoreError) in try store.contacts() })
    where !blocked.contains(contact.permID) {
      try install(contact)
    }
  }

  /// Takes note of what a session taught.
  func learned(_ note: StoreNote) {
    guard case .binding(let binding) = note, binding.record.permID != permID else { return }
    // A name that could be mistaken for another peer, or garble a terminal, is none.
    names[binding.record.permID] = binding.record.name.flatMap {
      PeerName.isValid($0) ? $0 : nil
    }
  }

  // MARK: Contacts

  func addPeer(
    _ permID: PermID, _ addition: PeerAddition
  ) async throws(ControlError) -> PeerReport {
    let contact = try store.apply(
      addition, to: permID, own: self.permID, now: SystemClock.wallTime())
    let blocked = try stored { store throws(StoreError) in try store.blockedPeers() }
    records.post(.setContact(permID, true))
    if !blocked.contains(permID) { try install(contact) }
    return try await report(on: permID)
  }

  /// Ends what there is with a peer in the engine.
  func end(_ peer: PermID) { inbox.post(.removeContact(peer)) }

  func removePeer(_ selector: PeerSelector) async throws(ControlError) {
    let contact = try find(selector)
    end(contact.permID)
    records.post(.setContact(contact.permID, false))
    aliases?.release(contact.permID)
    do throws(SystemError) {
      try interface.remove(contact.address, alias: contact.alias?.address)
    } catch { logger.warning("routes to \(contact.permID): \(error)") }
    try stored { store throws(StoreError) in _ = try store.removeContact(contact.permID) }
  }

  /// Gives a contact its alias, its routes and its place in the engine.
  func install(_ contact: StoredContact) throws(ControlError) {
    let alias = aliases?.assign(contact.permID, previous: contact.alias)
    if alias != contact.alias {
      try stored { store throws(StoreError) in try store.setAlias(contact.permID, to: alias) }
    }
    do throws(SystemError) {
      if let old = contact.alias, old.address != alias?.address {
        try interface.remove(contact.address, alias: old.address)
      }
      try interface.add(contact.address, alias: alias?.address)
    } catch {
      throw ControlError(.internalError, "routes to \(contact.permID): \(error)")
    }
    let binding = try stored { store throws(StoreError) in try store.binding(of: contact.permID) }
    let signed = binding.flatMap { $0.isSigned ? $0 : nil }
    let hosts = contact.endpoints.filter { !$0.isStream }.map(\.location)
    let literals = hosts.compactMap { Endpoint(text: $0.description) }
    let streams: [StreamAddress] = contact.endpoints.compactMap {
      if case .stream(let address) = $0 { address } else { nil }
    }
    inbox.post(
      .setContact(
        Contact(
          permID: contact.permID, told: literals, streams: streams,
          signed: signed?.endpoints ?? [],
          signedAt: signed?.timestamp ?? WallTime(milliseconds: 0),
          seen: contact.lastSeen, keepOpen: contact.keepOpen,
          handshakeTime: WallTime(milliseconds: contact.peer.handshakeTime),
          lastOpen: contact.lastOpen), alias: alias?.address))
    if literals.count < hosts.count { resolve(contact.permID, hosts) }
  }

  /// Looks the host names among `endpoints` up, on a thread that may wait for them.
  private func resolve(_ permID: PermID, _ endpoints: [HostPort]) {
    let (inbox, logger) = (inbox, logger)
    do throws(SystemError) {
      _ = try NamedThread(name: "resolver") {
        var found: [Endpoint] = []
        for host in endpoints {
          do throws(ResolveError) {
            found += try Resolver.resolve(host)
          } catch { logger.warning("endpoint \(host): \(error)") }
        }
        inbox.post(.setTold(permID, found))
      }
    } catch { logger.warning("resolver: \(error)") }
  }

  // MARK: Questions

  func version() async throws(ControlError) -> VersionReport {
    VersionReport(version: ProductVersion.current)
  }

  func identity() async throws(ControlError) -> IdentityReport {
    IdentityReport(
      permID: "\(permID)", address6: "\(facts.address)", name: facts.name ?? "")
  }

  func peers() async throws(ControlError) -> [PeerReport] {
    try reports(await engineStatus())
  }

  func status() async throws(ControlError) -> StatusReport {
    let engine = try await engineStatus()
    var counters: [String: Int] = [:]
    for (name, value) in engine.counters { counters[name, default: 0] += Int(clamping: value) }
    for counter in await records.ask({ .summary($0) })?.counters ?? [] {
      counters[counter.name] = Int(clamping: counter.value)
    }
    return StatusReport(
      version: ProductVersion.current, permID: "\(permID)", name: facts.name ?? "",
      interface: facts.interface, address6: "\(facts.address)",
      address4: aliases.map { "\($0.own)" }, port: Int(facts.port), mtu: facts.mtu,
      uptimeSeconds: Int((engine.now - facts.startedAt).nanoseconds / 1_000_000_000),
      dataPath: DataPathReport(
        aead: Self.ciphers, lanes: engine.lanes, udpGSO: engine.udpGSO, udpGRO: engine.udpGRO,
        tunOffload: engine.tunOffload),
      counters: counters, peers: try reports(engine) + uninvited(engine))
  }

  /// The ciphers of this machine with who computes them, the preferred first.
  private static var ciphers: [String] {
    var ciphers = ["\(AEADSuite.chaCha20Poly1305.name) (\(AEADBackend.sodium.rawValue))"]
    if let backend = AEADBackend.forAES256GCM {
      ciphers.insert("\(AEADSuite.aes256GCM.name) (\(backend.rawValue))", at: 0)
    }
    return ciphers
  }

  func ping(_ request: PingRequest) async throws(ControlError) -> PingReport {
    let peer = try await livePeer(request.peer)
    let start = SystemClock.now()
    let deadline = start + .milliseconds(Int64(request.timeoutMilliseconds))
    let pong = await inbox.ask { .ping(peer.permID, deadline: deadline, $0) }
    guard let pong, let pong else { throw ControlError(.timeout, "\(request.peer)") }
    // Where a session had to be opened first, the user waited for that too.
    let waited = SystemClock.now() - start
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    return PingReport(
      permID: "\(peer.permID)", name: peer.name,
      rttMicroseconds: Int(waited.microseconds),
      path: PathReport(
        pong.endpoint, roundTrip: pong.roundTrip,
        by: relayBook(try await engineStatus(), contacts)))
  }

  func why(_ selector: PeerSelector) async throws(ControlError) -> WhyReport {
    let peer = try await livePeer(selector)
    let story = await inbox.ask { .story(peer.permID, $0) }
    guard let story, let story else {
      throw ControlError(.internalError, "the packet loop does not answer")
    }
    let others = try stored { store throws(StoreError) in try store.contacts() }
    return WhyReport(
      story, permID: peer.permID, name: peer.name,
      others: Dictionary(uniqueKeysWithValues: others.map { ($0.permID, name(of: $0)) }))
  }

  func netcheck(_ request: NetcheckRequest) async throws(ControlError) -> NetcheckReport {
    let servers = try request.hosts()
    let deadline = SystemClock.now() + .milliseconds(Int64(request.timeoutMilliseconds))
    let view = await inbox.ask {
      .netcheck(Netcheck(deadline: deadline, isFresh: request.fresh, reply: $0), servers)
    }
    guard let view else { throw ControlError(.internalError, "the packet loop does not answer") }
    return NetcheckReport(view)
  }

  func down() async throws(ControlError) { TerminationSignal.raise() }

  // MARK: Reports

  func engineStatus() async throws(ControlError) -> EngineStatus {
    // An engine takes no question once it has ended: the daemon is about to.
    guard let status = await inbox.ask({ .status($0) }) else {
      throw ControlError(.notRunning, facts.interface)
    }
    return status
  }

  private func report(on permID: PermID) async throws(ControlError) -> PeerReport {
    let text = "\(permID)"
    guard let report = try await peers().first(where: { $0.permID == text }) else {
      throw ControlError(.peerUnknown, text)
    }
    return report
  }

  private func reports(_ engine: EngineStatus) throws(ControlError) -> [PeerReport] {
    var reports: [PeerReport] = []
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    let relays = relayBook(engine, contacts)
    for contact in contacts {
      let binding = try stored { store throws(StoreError) in
        try store.binding(of: contact.permID)
      }
      var report = PeerReport(contact, binding: binding)
      report.name = name(of: contact)
      if let live = engine.peers[contact.permID] {
        report.add(live, by: relays, at: engine.now)
      }
      report.quality = quality(of: contact, engine, relays)
      reports.append(report)
    }
    return reports
  }

  func name(of contact: StoredContact) -> String {
    contact.name ?? names[contact.permID] ?? ""
  }

  func find(_ selector: PeerSelector) throws(ControlError) -> StoredContact {
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    let found = try selector.resolve(
      among: contacts.map { SelectablePeer($0, ownName: names[$0.permID]) })
    guard let contact = contacts.first(where: { $0.permID == found.permID }) else {
      throw ControlError(.peerUnknown, "\(selector)")
    }
    return contact
  }

  func stored<T>(_ body: (Store) throws(StoreError) -> T) throws(ControlError) -> T {
    do throws(StoreError) { return try body(store) } catch { throw ControlError(error) }
  }
}
