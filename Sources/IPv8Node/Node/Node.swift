import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// One whole peer without I/O: its contacts, the handshakes with them, its own signed binding.
///
/// Deterministic: bytes, events and time in, ``NodeAction`` values out. Live sessions belong to the
/// data plane; what happens to them comes back through ``handle(_:at:into:)``.
public struct Node: ~Copyable {
  /// Contacts that the user adds; more are refused.
  public static let contactLimit = 4096
  /// Handshakes that wait for their first record.
  static let pendingLimit = 1024
  /// A call without an answer for so long: packets are refused instead of waiting.
  static let refuseAfter = Interval.seconds(3)
  /// After a restart, peers whose session opened within this time are called at once, so that
  /// connections inside go on.
  static let warmRestart: UInt64 = 600_000

  public let permID: PermID
  /// Answer the bare reachability probes of strangers.
  public let isPublic: Bool
  /// Guess ports of NATs, and have ours guessed.
  public internal(set) var guessesPorts: Bool
  public internal(set) var counters = NodeCounters()

  var host: OpeningHost
  var gate = LoadGate()
  var sources: SourceBuckets
  /// Whether unknown callers are asked about; else nobody but contacts is ever answered.
  let inquires: Bool
  var inquiries: Inquiries
  let mac1: MAC1
  var peers: [PeerIndex: NodePeer] = [:]
  var indices: [PermID: PeerIndex] = [:]
  var addresses: [OverlayAddress: PeerIndex] = [:]
  /// The first half of the ephemeral key of each pending call that was answered.
  var answeredCalls: [UInt128: PeerIndex] = [:]
  /// Where contacts may be; nil until asked for after a change.
  private var endpoints: Set<Endpoint>?
  var ownBinding: OwnBinding
  /// When our binding goes to open peers next, and when it last did.
  var pushAt = Timestamp.distantFuture
  var pushedAt = Timestamp(nanoseconds: 0)
  /// The time of our last introduction; the next one is later.
  var lastIntroduction = WallTime(milliseconds: 0)
  /// This host as an introducer and relay of others.
  var pendingIntroductions = PendingIntroductions()
  public internal(set) var relayPolicy: RelayPolicy
  var relayPairs = RelayPairs()
  /// The extra socket opened last, and what attempts with many of them may cost.
  var nextSocket: UInt32 = 0
  var budget = PunchBudget()
  /// No deadline is earlier.
  var wakeAt = Timestamp.distantFuture
  /// When a sleep of this host was noticed last.
  var wokeAt: Timestamp?
  private var numbers = PeerNumbers()
  /// What all strangers together may make us knock where they say.
  var strangerPunches = TokenBucket(interval: Reach.punchInterval, burst: Reach.punchBurst)
  /// And have us hand on.
  var strangerCalls = TokenBucket(interval: Reach.callInterval, burst: Reach.callBurst)

  /// - Parameters:
  ///   - entropy: fresh for each process.
  ///   - lastBinding: the timestamp of our own last signed record.
  public init(
    identity: IdentityKey, entropy: consuming Entropy, aeadOffer: AEADOffer = .local,
    capabilities: PeerCapabilities = .local, isPublic: Bool = false,
    relayPolicy: RelayPolicy = .friends, guessesPorts: Bool = true, inquires: Bool = false,
    name: String? = nil, lastBinding: WallTime? = nil
  ) {
    permID = identity.permID
    self.isPublic = isPublic
    self.relayPolicy = relayPolicy
    self.guessesPorts = guessesPorts
    self.inquires = inquires
    mac1 = MAC1(recipient: identity.permID)
    var entropy = entropy
    sources = LoadGate.sources(salt: entropy.next())
    inquiries = Inquiries(salt: entropy.next())
    host = OpeningHost(
      identity: identity, entropy: entropy, aeadOffer: aeadOffer, capabilities: capabilities,
      lastHandshakeTime: WallTime(milliseconds: 0))
    ownBinding = OwnBinding(name: name, last: lastBinding ?? WallTime(milliseconds: 0))
  }

  // MARK: Contacts

  /// Adds a contact, or replaces what is known of it; an open session stays. Nil where the PermID is
  /// no valid key, is our own, or the table is full.
  public mutating func setContact(
    _ contact: Contact, at now: Moment, into actions: inout [NodeAction]
  ) -> PeerIndex? {
    if let index = indices[contact.permID] {
      peers[index]?.contact = contact
      peers[index]?.kind = .added
      peers[index]?.association.patient = contact.keepOpen
      forgetKnownEndpoints()
      if contact.keepOpen { callUnlessOpen(index, at: now, into: &actions) }
      return index
    }
    guard peers.values.count(where: { $0.kind == .added }) < Self.contactLimit,
      let index = insert(contact, as: .added, at: now)
    else { return nil }
    inquiries.admitted(contact.permID)
    let isWarm = contact.lastOpen.map { $0.milliseconds + Self.warmRestart > now.wall.milliseconds }
    if contact.keepOpen || isWarm == true { callUnlessOpen(index, at: now, into: &actions) }
    return index
  }

  /// Nil where the PermID is no valid key, or our own.
  mutating func insert(_ contact: Contact, as kind: PeerClass, at now: Moment) -> PeerIndex? {
    guard
      var association = Association(
        local: permID, peer: contact.permID, peerTime: contact.handshakeTime)
    else { return nil }
    association.patient = contact.keepOpen
    let index = numbers.take(at: now.boot)
    indices[contact.permID] = index
    addresses[OverlayAddress(of: contact.permID)] = index
    peers[index] = NodePeer(contact, association, as: kind, at: now.boot)
    forgetKnownEndpoints()
    return index
  }

  /// Forgets a contact and ends its sessions.
  public mutating func removeContact(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard peers[index] != nil else { return }
    endStream(of: index, into: &actions)
    forgetWays(of: index, at: now, into: &actions)
    guard var peer = peers[index] else { return }
    var opening: [OpeningAction] = []
    let before = peer.association.localIDs
    peer.association.close(into: &opening)
    peers[index] = nil
    indices[peer.contact.permID] = nil
    addresses[OverlayAddress(of: peer.contact.permID)] = nil
    for id in before { host.owners[id] = nil }
    answeredCalls = answeredCalls.filter { $0.value != index }
    for case .retire(let id) in opening { actions.append(.retire(id, tell: true)) }
    actions.append(.forget(index))
    numbers.giveBack(index, at: now.boot)
    forgetKnownEndpoints()
  }

  public func index(of permID: PermID) -> PeerIndex? { indices[permID] }

  public func contact(_ index: PeerIndex) -> Contact? { peers[index]?.contact }

  /// All contacts, the first added first.
  public var contactIndices: [PeerIndex] { sortedPeers }

  public func state(of index: PeerIndex) -> PeerState {
    guard let peer = peers[index] else { return .idle }
    if peer.association.isOpen { return .open }
    return peer.association.isOpening || peer.reach.askingSince != nil ? .opening : .idle
  }

  /// Opens a session with the peer, unless one is open or being opened.
  public mutating func callUnlessOpen(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard peers[index]?.association.isOpen == false else { return }
    call(index, at: now, into: &actions)
  }

  /// - Parameter isRendezvous: for the sake of another peer, which may have been named by this one.
  mutating func call(
    _ index: PeerIndex, isRendezvous: Bool = false, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index] else { return }
    let candidates = peer.callCandidates
    let isAsking = candidates.isEmpty && !peer.association.isOpening
    let meets = !isRendezvous && meetRendezvous(of: index, at: now, into: &actions)
    guard
      !isAsking || meets || !peer.contact.streams.isEmpty
        || introducer(to: index, besides: []) != nil
    else {
      // Nowhere to call and nobody to ask: the peer's own call is all there is to hope for.
      refuse(index, into: &actions)
      return
    }
    if peer.isRefusing, peer.callingSince == nil {
      peers[index]?.isRefusing = false
      actions.append(.setReachable(index, true))
    }
    if isAsking {
      peers[index]?.reach.askingSince = peer.reach.askingSince ?? now.boot
    } else if !peer.association.isOpening, !peer.association.isOpen {
      peers[index]?.reach.journal.note(.called(addresses: candidates.count), at: now)
    }
    associate(index, at: now, into: &actions) { association, host, opening in
      association.call(candidates, at: now, host: &host, into: &opening)
    }
    prepareSearch(index, at: now, into: &actions)
    advanceStream(index, to: now, into: &actions)
  }

  /// Runs one input of an association and keeps the look-up tables true to it.
  @discardableResult
  mutating func associate<Result>(
    _ index: PeerIndex, at now: Moment, into actions: inout [NodeAction],
    _ body: (inout Association, inout OpeningHost, inout [OpeningAction]) -> Result
  ) -> Result? {
    guard var peer = peers[index] else { return nil }
    for id in peer.association.localIDs { host.owners[id] = nil }
    if let key = peer.association.answeredCallKey { answeredCalls[key] = nil }
    var opening: [OpeningAction] = []
    let result = body(&peer.association, &host, &opening)
    for id in peer.association.localIDs { host.owners[id] = index }
    if let key = peer.association.answeredCallKey { answeredCalls[key] = index }
    peers[index] = peer
    wakeAt = min(wakeAt, peer.association.nextDeadline ?? .distantFuture)
    wakeAt = min(wakeAt, peer.refuseDue ?? .distantFuture)
    for action in opening { carryOut(action, for: index, at: now, into: &actions) }
    return result
  }

  private mutating func carryOut(
    _ action: OpeningAction, for index: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    switch action {
    case .send(let bytes, let endpoint): actions.append(.send(bytes, to: endpoint))
    case .retire(let id): actions.append(.retire(id, tell: false))
    case .gaveUp:
      peers[index]?.reach.journal.note(.gaveUp, at: now)
      refuse(index, into: &actions)
    case .opened(let established, let sendOn):
      actions.append(.install(index, established, sendOn: sendOn))
      opened(established, with: index, at: now, into: &actions)
    }
  }

  private mutating func opened(
    _ established: EstablishedSession, with index: PeerIndex, at now: Moment,
    into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index] else { return }
    let permID = peer.contact.permID
    peers[index]?.isRefusing = false
    peers[index]?.contact.lastOpen = now.wall
    peers[index]?.usedAt = now.boot
    watchSleep(at: now.boot)
    if peer.kind == .added, let time = established.handshakeTime {
      actions.append(.store(.handshakeTime(permID, time)))
    }
    note(established.endpoint, of: index, at: now, into: &actions)
    let reach = peers[index]?.reach
    if reach?.path == nil || reach?.isLost == true {
      follow(index, to: established.endpoint, at: now, into: &actions)
      if let roundTrip = established.roundTrip { peers[index]?.reach.roundTrip = roundTrip }
    }
    if let bytes = established.peerBinding { take(bytes, of: index, at: now, into: &actions) }
    scheduleRendezvous(at: now.boot)
    searchBy(index, at: now, into: &actions)
  }

  mutating func refuse(_ index: PeerIndex, into actions: inout [NodeAction]) {
    guard peers[index]?.isRefusing == false else { return }
    peers[index]?.isRefusing = true
    actions.append(.setReachable(index, false))
  }

  /// Whether a peer that is let in may be at `endpoint`.
  mutating func knows(_ endpoint: Endpoint) -> Bool {
    let known = endpoints ?? Set(peers.values.filter(\.kind.isLetIn).flatMap(\.callCandidates))
    endpoints = known
    return known.contains(endpoint)
  }

  mutating func forgetKnownEndpoints() { endpoints = nil }
}
