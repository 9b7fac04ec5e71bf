import IPv8Crypto
import IPv8Wire
import P2TP

/// The outbound half of a lane: IP packets of the TUN become sealed records, without I/O. It owns
/// what a session sends by itself, too: reports, keepalives, challenges.
///
/// The owner calls ``transmit(_:slab:arena:at:into:)`` with what the TUN gave,
/// ``receive(_:at:into:)`` and ``handle(_:at:into:)`` with what the ``Receiver`` tells,
/// ``advance(to:into:)`` when ``nextDeadline`` has passed, and carries out the output after each; after
/// all of these it calls ``drain(arena:at:into:)`` until nothing more may leave. The node opens sessions elsewhere and hands them over (``install(_:of:sendOn:at:into:)``).
public struct Transmitter: ~Copyable {
  /// Challenges of ours under way; beyond it the oldest is forgotten.
  static let challengeLimit = 256
  /// A way counts as in use for so long after data.
  static let inUse = Interval.seconds(60)
  /// A further strand's silence is told so often.
  static let unheardInterval = Interval.seconds(2)

  /// A question of ours that a RESPONSE is to come for.
  struct Challenge: Sendable {
    let token: UInt64
    let peer: PeerIndex
    let endpoint: Endpoint
    let at: Timestamp
    /// The node asked for it.
    let isProbe: Bool
  }

  public let address: OverlayAddress
  /// This host's own IPv4 address as local programs see it; nil where aliases are off.
  public let alias: IPv4Address?
  public let wireAlias: IPv4Address
  /// Of the interface; nil where every way takes every record.
  let mtu: Int?
  public internal(set) var counters = LaneCounters()

  var sessions = SessionTable<OutboundSession>()
  var peers = PeerTable<TransmitterPeer>()
  var routes6: [OverlayAddress: PeerIndex] = [:] {
    didSet { recentRoute = nil }
  }
  /// Where the last IPv6 packet went: most go where the one before them went.
  var recentRoute: (to: OverlayAddress, index: PeerIndex)?
  var routes4: [IPv4Address: PeerIndex] = [:]
  /// Whether somebody can be asked who has an address; else packets to unknown ones are refused.
  let asksForUnknown: Bool
  var unknown = UnknownDestinations()
  var challenges: [Challenge] = []
  /// Room for one fragment's plaintext.
  var fragmentText = [UInt8](
    repeating: 0, count: FragmentHeader.byteCount + FragmentHeader.totalLimit)
  var entropy: Entropy
  /// Packets that wait for their session's rate.
  var queues: PacketQueues
  /// What the rate of a new session begins as.
  let rate: RateControl
  /// How often sessions in use send, so that our network lets answers in.
  var keepalive = SessionTimes.natKeepalive
  /// No deadline of any session or path is earlier.
  var wakeAt = Timestamp.distantFuture

  /// - Parameters:
  ///   - address: this host's own overlay address.
  ///   - rate: what that of a new session begins as.
  ///   - entropy: for challenge tokens, and the key by which flows are told apart.
  ///   - mtu: of the interface; nil where every way takes every record.
  public init(
    address: OverlayAddress, alias: IPv4Address?, wireAlias: IPv4Address,
    rate: RateControl = RateControl(), entropy: consuming Entropy, mtu: Int? = nil,
    asksForUnknown: Bool = false
  ) {
    self.mtu = mtu
    self.asksForUnknown = asksForUnknown
    self.address = address
    self.alias = alias
    self.wireAlias = wireAlias
    self.rate = rate
    var entropy = entropy
    queues = PacketQueues(key: (entropy.next(), entropy.next()))
    self.entropy = entropy
  }

  // MARK: Contacts

  /// Adds a contact or changes what the user wants of it; its sessions stay. Packets that waited for it
  /// to be known go on.
  public mutating func setPeer(
    _ index: PeerIndex, _ peer: LanePeer, at now: Timestamp, into out: inout TransmitOutput
  ) {
    setPeer(index, peer)
    admitUnknown(index, at: now, into: &out)
  }

  /// As above where none can wait.
  public mutating func setPeer(_ index: PeerIndex, _ peer: LanePeer) {
    if !peer.isStranger {
      routes6[peer.address] = index
    } else if routes6[peer.address] == index {
      routes6[peer.address] = nil
    }
    guard var existing = peers[index] else {
      peers[index] = TransmitterPeer(peer)
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

  /// - Parameter interval: between the records of an idle session in use, as our network needs it.
  public mutating func setKeepalive(_ interval: Interval) {
    keepalive = interval
    for place in 0..<sessions.count {
      sessions[place].keepalive = interval
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
    counters.queue += UInt64(queues.remove(index))
    queues.removeDeclared(of: index)
    if routes6[peer.address] == index { routes6[peer.address] = nil }
    forgetRoute(peer.alias, of: index)
  }

  /// Whether a call to the peer is under way without an answer for long: packets to it are answered
  /// with "address unreachable" instead of waiting.
  public mutating func setUnreachable(
    _ index: PeerIndex, _ isUnreachable: Bool, into out: inout TransmitOutput
  ) {
    guard var peer = peers[index] else { return }
    peer.isUnreachable = isUnreachable
    let waiting = peer.waiting
    if isUnreachable { peer.waiting.removeAll() }
    peers[index] = peer
    guard isUnreachable else { return }
    for item in waiting { refuse(item.packet.rawSpan, for: peer, into: &out) }
    counters.queue += UInt64(waiting.count + queues.remove(index))
  }
}
