import IPv8Wire
import P2TP

/// What both halves of a lane are told of a contact.
public struct LanePeer: Sendable {
  public let address: OverlayAddress
  /// The IPv4 address that stands for the peer on this host; nil where there is none.
  public var alias: IPv4Address?
  /// The one that stands for it on the wire.
  public let wireAlias: IPv4Address
  public var keepOpen: Bool
  /// Which of its packets are let in.
  public var filter: PacketFilter
  /// Whether no packets go to it, nor are any let in.
  public var isStranger: Bool

  public init(
    address: OverlayAddress, alias: IPv4Address?, wireAlias: IPv4Address, keepOpen: Bool,
    filter: PacketFilter = .everything, isStranger: Bool = false
  ) {
    self.address = address
    self.alias = alias
    self.wireAlias = wireAlias
    self.keepOpen = keepOpen
    self.filter = isStranger ? .nothing : filter
    self.isStranger = isStranger
  }
}

/// What the outbound half keeps of a contact.
struct TransmitterPeer: Sendable {
  /// Packets that wait for a session; beyond it the oldest is dropped.
  static let waitingLimit = 16
  /// And how long they do: as long as a call takes that UDP leaves unanswered and a stream answers.
  static let waitingTime = Interval.seconds(5)
  /// How long they do while a peer with an open session is lost: what was sent last is what brings a
  /// connection back to life when the peer is there again.
  static let heldTime = Interval.seconds(60)

  let address: OverlayAddress
  var alias: IPv4Address?
  let wireAlias: IPv4Address
  var keepOpen: Bool

  var sending: SessionID?
  var path: PeerPath?
  var waiting: [(packet: [UInt8], until: Timestamp)] = []
  var isUnreachable = false
  /// Of the next packet that is sent in fragments.
  var fragmentID: UInt16 = 0
  /// When the silence of a further strand is told again; nil on the first lane.
  var unheardAt: Timestamp?
  var observedAs: Endpoint?
  var flows = FlowCount()
  var toPeer = TrafficHistory()
  var fromPeer = TrafficHistory()
  var lastHeard: Timestamp?

  init(_ peer: LanePeer) {
    address = peer.address
    alias = peer.alias
    wireAlias = peer.wireAlias
    keepOpen = peer.keepOpen
  }
}
