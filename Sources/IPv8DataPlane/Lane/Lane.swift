import IPv8Crypto
import IPv8Wire
import P2TP

/// The packet pipeline of one thread: IP packets of the TUN become sealed records, records become
/// checked IP packets, without I/O.
///
/// The owner calls ``transmit(_:slab:at:into:)`` with what the TUN gave, ``receive(_:slab:at:into:)``
/// with what the sockets gave, ``advance(to:into:)`` when ``nextDeadline`` has passed, and carries
/// out the output after each. Live sessions belong to the lane; the node opens them elsewhere and
/// hands them over (``install(_:of:sendOn:at:into:)``).
public struct Lane: ~Copyable {
  /// Challenges of ours under way; beyond it the oldest is forgotten.
  static let challengeLimit = 256

  public let address: OverlayAddress
  /// This host's own IPv4 address as local programs see it; nil where aliases are off.
  public var alias: IPv4Address?
  public let wireAlias: IPv4Address
  public internal(set) var counters = LaneCounters()

  var sessions = SessionTable()
  var peers = PeerTable()
  var routes6: [OverlayAddress: PeerIndex] = [:]
  var routes4: [IPv4Address: PeerIndex] = [:]
  var challenges: [(token: UInt64, peer: PeerIndex, at: Timestamp)] = []
  var entropy: Entropy
  /// Segments of the batch being received that are still to be continued.
  var run: PacketRun?
  /// No deadline of any session or path is earlier.
  var wakeAt = Timestamp.distantFuture

  /// - Parameters:
  ///   - address: this host's own overlay address.
  ///   - entropy: for challenge tokens and clock offsets.
  public init(
    address: OverlayAddress, alias: IPv4Address?, wireAlias: IPv4Address, entropy: consuming Entropy
  ) {
    self.address = address
    self.alias = alias
    self.wireAlias = wireAlias
    self.entropy = entropy
  }

  // MARK: Contacts

  /// Adds a contact or changes its alias and keep-open wish; its sessions stay.
  public mutating func setPeer(_ index: PeerIndex, _ peer: LanePeer) {
    guard var existing = peers[index] else {
      peers[index] = peer
      routes6[peer.address] = index
      if let alias = peer.alias { routes4[alias] = index }
      return
    }
    forgetRoute(existing.alias, of: index)
    if let alias = peer.alias { routes4[alias] = index }
    existing.alias = peer.alias
    existing.keepOpen = peer.keepOpen
    peers[index] = existing
    for place in 0..<sessions.count where sessions[place].peer == index {
      sessions[place].keepOpen = peer.keepOpen
      touch(place)
    }
  }

  /// An alias may have gone to another contact meanwhile.
  private mutating func forgetRoute(_ alias: IPv4Address?, of index: PeerIndex) {
    if let alias, routes4[alias] == index { routes4[alias] = nil }
  }

  /// Forgets a contact. Its sessions must have been retired.
  public mutating func removePeer(_ index: PeerIndex) {
    guard let peer = peers.remove(index) else { return }
    routes6[peer.address] = nil
    forgetRoute(peer.alias, of: index)
  }

  /// Whether a call to the peer is under way without an answer for long: packets to it are answered
  /// with "address unreachable" instead of waiting.
  public mutating func setUnreachable(
    _ index: PeerIndex, _ isUnreachable: Bool, into out: inout LaneOutput
  ) {
    guard var peer = peers[index] else { return }
    peer.isUnreachable = isUnreachable
    let waiting = peer.waiting
    if isUnreachable { peer.waiting.removeAll() }
    peers[index] = peer
    guard isUnreachable else { return }
    for item in waiting { refuse(item.packet.rawSpan, for: peer, into: &out) }
    counters.queue += UInt64(waiting.count)
  }

  // MARK: Sessions

  /// Takes over a session that the handshake opened; packets that waited for it leave at once.
  public mutating func install(
    _ established: EstablishedSession, of index: PeerIndex, sendOn: Bool, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    guard var peer = peers[index] else { return }
    var session = Session(
      established, of: index, clockOffset: UInt32(truncatingIfNeeded: entropy.next()))
    session.keepOpen = peer.keepOpen
    let previous = peer.sending.flatMap { sessions.place(of: $0) }
    // Nothing to fall back on: the session that was to be kept has ended meanwhile.
    let sendOn = sendOn || previous == nil
    session.isSuperseded = !sendOn
    if let previous {
      session.lastData = sessions[previous].lastData
      sessions[previous].isSuperseded = sendOn
    }
    let place = sessions.insert(session)
    touch(place)
    if sendOn {
      peer.sending = established.localID
      peer.path = PeerPath(established.endpoint)
      peer.isUnreachable = false
    }
    let waiting = sendOn ? peer.waiting : []
    if sendOn { peer.waiting.removeAll() }
    peers[index] = peer
    if established.role == .initiator {
      // The first record confirms the session; its challenge also tells us how the peer sees us.
      challenge(on: established.localID, of: index, to: established.endpoint, at: now, into: &out)
    }
    for item in waiting where now - item.since <= LanePeer.waitingTime {
      sendWaiting(item.packet, of: index, at: now, into: &out)
    }
  }

  /// Ends a session; with `tell` the peer hears of it.
  public mutating func retire(
    _ id: SessionID, tell: Bool, at now: Timestamp, into out: inout LaneOutput
  ) {
    guard let place = sessions.place(of: id) else { return }
    let index = sessions[place].peer
    if tell, let endpoint = peers[index]?.path?.current {
      var frames: [UInt8] = []
      Frame.close(reason: 0).append(to: &frames)
      sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
    }
    forget(id, of: index)
  }

  /// Ends all sessions, telling each peer.
  public mutating func closeAll(at now: Timestamp, into out: inout LaneOutput) {
    while sessions.count > 0 {
      retire(sessions[sessions.count - 1].localID, tell: true, at: now, into: &out)
    }
  }

  mutating func forget(_ id: SessionID, of index: PeerIndex) {
    sessions.remove(id)
    guard peers[index]?.sending == id else { return }
    // The newest session that is left, if any, takes over.
    var newest: (at: Timestamp, id: SessionID)?
    for place in 0..<sessions.count where sessions[place].peer == index {
      let at = sessions[place].establishedAt
      if newest.map({ at > $0.at }) ?? true { newest = (at, sessions[place].localID) }
    }
    peers[index]?.sending = newest?.id
    guard let next = newest, let place = sessions.place(of: next.id) else { return }
    sessions[place].isSuperseded = false
    touch(place)
  }

  /// Asks the peer for an answer on its current path; ``LaneEvent/pong(_:token:roundTrip:from:)``
  /// brings it. Returns the token; nil where no session is open.
  public mutating func challenge(
    _ index: PeerIndex, at now: Timestamp, into out: inout LaneOutput
  ) -> UInt64? {
    guard let peer = peers[index], let id = peer.sending, let path = peer.path else { return nil }
    return challenge(on: id, of: index, to: path.current, at: now, into: &out)
  }

  /// Challenges every open peer: after a change of this host's own addresses, so that each learns
  /// the new ones at once.
  public mutating func challengeAll(at now: Timestamp, into out: inout LaneOutput) {
    for index in peers.indices { _ = challenge(index, at: now, into: &out) }
  }

  @discardableResult
  mutating func challenge(
    on id: SessionID, of index: PeerIndex, to endpoint: Endpoint, at now: Timestamp,
    into out: inout LaneOutput
  ) -> UInt64 {
    let token = entropy.next()
    if challenges.count == Self.challengeLimit { challenges.removeFirst() }
    challenges.append((token, index, now))
    var frames: [UInt8] = []
    Frame.challenge(token).append(to: &frames)
    sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
    return token
  }

  // MARK: Reports

  public func report(_ index: PeerIndex) -> LanePeerReport {
    guard let peer = peers[index] else { return LanePeerReport() }
    var report = LanePeerReport(
      endpoint: peer.path?.current, sentBytes: peer.sentBytes, receivedBytes: peer.receivedBytes,
      lastHeard: peer.lastHeard)
    if let id = peer.sending, let place = sessions.place(of: id) {
      report.isOpen = true
      report.suite = sessions[place].suite.name
      report.roundTrip = sessions[place].roundTrip.smoothed
      report.lossRatio = sessions[place].lossRatio
    }
    return report
  }
}

extension AEADSuite {
  /// The name of RFC 5116's registry.
  public var name: String {
    switch self {
    case .chaCha20Poly1305: "AEAD_CHACHA20_POLY1305"
    case .aes256GCM: "AEAD_AES_256_GCM"
    }
  }
}
