import IPv8Crypto
import IPv8Wire
import P2TP

/// The inbound half of a lane: datagrams of the sockets become checked IP packets for the TUN,
/// without I/O.
///
/// The owner calls ``receive(_:slab:arena:at:into:)`` with what the sockets gave,
/// ``advance(to:)`` when ``nextDeadline`` has passed, carries out the output after each, and takes
/// what the ``Transmitter`` must know with ``collect(into:)``. The two halves share no memory; each
/// may run on a thread of its own.
public struct Receiver: ~Copyable {
  public let address: OverlayAddress
  /// This host's own IPv4 address as local programs see it; nil where aliases are off.
  public let alias: IPv4Address?
  public let wireAlias: IPv4Address
  /// Whether what is no datagram of ours is unclaimed instead of dropped.
  public let isPublic: Bool
  public internal(set) var counters = LaneCounters()

  var sessions = SessionTable<InboundSession>()
  var peers = PeerTable<ReceiverPeer>()
  /// Of all strangers together.
  var strangers = ControlAllowance.strangers
  var relays: [RelayLink.Key: ReceiverRelay] = [:]
  /// Segments of the batch being received that are still to be continued.
  var run: PacketRun?
  var reassembly = Reassembly()
  /// Sessions that have something to tell, each once.
  var telling: [SessionID] = []
  var isUrgent = false
  /// No loss deadline of any session is earlier.
  var wakeAt = Timestamp.distantFuture

  /// - Parameter address: this host's own overlay address.
  public init(
    address: OverlayAddress, alias: IPv4Address?, wireAlias: IPv4Address, isPublic: Bool = false
  ) {
    self.address = address
    self.alias = alias
    self.wireAlias = wireAlias
    self.isPublic = isPublic
  }

  /// Adds a contact or changes what is known of it; its sessions stay.
  public mutating func setPeer(_ index: PeerIndex, _ peer: LanePeer) {
    // What it said counts whatever it is from now on.
    let allowance = peers[index]?.control ?? ControlAllowance.peer
    peers[index] = ReceiverPeer(peer, control: allowance)
  }

  /// Forgets a contact. Its sessions must have been forgotten.
  public mutating func removePeer(_ index: PeerIndex) { _ = peers.remove(index) }

  /// Takes over the inbound side of a session that the handshake opened.
  public mutating func install(_ established: EstablishedSession, of index: PeerIndex) {
    _ = sessions.insert(InboundSession(established, of: index), id: established.localID)
  }

  public mutating func forget(_ id: SessionID) { sessions.remove(id) }

  /// What we send on the session takes another path since `time`.
  public mutating func pathChanged(_ id: SessionID, at time: Timestamp) {
    guard let place = sessions.place(of: id) else { return }
    sessions[place].pathChanged(at: time)
    note(place, hadNews: sessions[place].hasReception)
  }

  /// Takes relayed datagrams from now on as `link` says.
  public mutating func setRelay(_ link: RelayLink) { relays[link.key] = ReceiverRelay(link.target) }

  public mutating func removeRelay(_ key: RelayLink.Key) { relays[key] = nil }

  // MARK: Telling the transmitter

  /// Whether there is something to tell, and whether it must not wait.
  public var news: (isThere: Bool, isUrgent: Bool) { (!telling.isEmpty, isUrgent) }

  /// Appends what each session has learnt since the last call.
  public mutating func collect(into receptions: inout [Reception]) {
    for id in telling {
      guard let place = sessions.place(of: id), let news = sessions[place].takeReception() else {
        continue
      }
      receptions.append(news)
    }
    telling.removeAll(keepingCapacity: true)
    isUrgent = false
  }

  mutating func note(_ place: Int, hadNews: Bool) {
    if !hadNews, sessions[place].hasReception {
      telling.append(sessions.id(at: place))
    }
    if !isUrgent, sessions[place].isUrgent { isUrgent = true }
    if let deadline = sessions[place].nextDeadline { wakeAt = min(wakeAt, deadline) }
  }

  // MARK: Time

  /// When ``advance(to:)`` has something to do.
  public var nextDeadline: Timestamp { wakeAt }

  /// Declares losses.
  public mutating func advance(to now: Timestamp) {
    guard wakeAt <= now else { return }
    wakeAt = .distantFuture
    for place in 0..<sessions.count {
      let hadNews = sessions[place].hasReception
      sessions[place].expireLoss(at: now)
      note(place, hadNews: hadNews)
    }
  }
}

/// What the inbound half knows of a contact.
struct ReceiverPeer: Sendable {
  let address: OverlayAddress
  let alias: IPv4Address?
  let wireAlias: IPv4Address
  let filter: PacketFilter
  let isStranger: Bool
  var control: ControlAllowance

  init(_ peer: LanePeer, control: ControlAllowance) {
    self.control = control
    address = peer.address
    alias = peer.alias
    wireAlias = peer.wireAlias
    filter = peer.filter
    isStranger = peer.isStranger
  }
}
